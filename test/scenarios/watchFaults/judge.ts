import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EndedContainer } from '../../oracles/containers.js';
import type { Agent } from './agent.js';
import type { Place, WatchEnding, WatchFault } from './fault.js';
import { LIMIT } from './settles.js';

/** The witness's own exit code (programs/denied.c). */
const CODE = 7;
/** What the profile says. */
const POLICY: Readonly<Record<string, number>> = { mkdir: 1, rmdir: 13 };
/** What a call gets that nobody answers, and what it gets whose profile is not known. */
const [ENOSYS, EPERM] = [38, 1];

/** What must never be. */
export function violationsOf({
  fault,
  place,
  agent,
  ending,
  containers,
  said,
}: {
  readonly fault: WatchFault;
  readonly place: Place;
  readonly agent: Agent;
  readonly ending: WatchEnding | undefined;
  readonly containers: readonly EndedContainer[];
  readonly said: string;
}): readonly string[] {
  const reports = containers.map(reportOf);
  const longest = longestOf(reports);
  const made = readdirSync(place.work).some((name) => name.startsWith('made'));
  return [
    ...(made || !existsSync(join(place.work, 'kept')) ? ['a denied call was made'] : []),
    ...reports.flatMap((report, index) => wrongIn(report, containers[index], fault.assumed === true)),
    ...(longest > LIMIT ? [`a call took ${longest} ms`] : []),
    ...(ending === undefined ? [`the agent’s code was ${agent.code()}`] : []),
    ...(ending !== undefined && !fault.ends.includes(ending) ? [`ended ${ending}`] : []),
    ...(ending !== 'unstarted' && /^ {4}at /m.test(agent.said()) ? ['a stack was printed'] : []),
    ...(fault.says !== undefined && !fault.says.test(said) ? [`did not say ${fault.says}`] : []),
    ...(ending === 'served' || ending === 'stopped' ? wrongCounts(fault, agent, reports) : []),
    ...(isToTidy(fault, ending) ? leftovers(place) : []),
  ];
}

/** What the witness tells. */
interface Report {
  readonly mode: number;
  readonly answers: readonly { readonly call: string; readonly errno: number; readonly count: number }[];
  readonly longest: number;
  readonly whole: boolean;
}

/** Milliseconds of the longest call. */
export function longestOf(reports: readonly (Report | undefined)[]): number {
  return Math.max(0, ...reports.map((report) => report?.longest ?? 0));
}

export function reportOf({ code, stdout }: EndedContainer): Report | undefined {
  const mode = /^mode=(-?\d+)$/m.exec(stdout)?.[1];
  if (mode === undefined) return undefined;
  const answers = [...stdout.matchAll(/^(\w+)=(\d+) (\d+)$/gm)].map(([, call = '', errno, count]) => ({
    call,
    errno: Number(errno),
    count: Number(count),
  }));
  const longest = Number(/^longest=(\d+)$/m.exec(stdout)?.[1] ?? 0);
  return { mode: Number(mode), answers, longest, whole: code === CODE };
}

/** How its calls were answered: its own answers, or ENOSYS, or first these and then those. */
export function wordOf(report: Report | undefined, ended: EndedContainer | undefined): string {
  if (report === undefined) return ended?.code === 137 || ended?.code === null ? 'killed' : 'not started';
  if (!report.whole) return 'killed';
  const asked = new Set(report.answers.map(({ errno }) => (errno === ENOSYS ? 'ENOSYS' : 'own')));
  return [...asked].sort().reverse().join('+');
}

function wrongIn(
  report: Report | undefined,
  ended: EndedContainer | undefined,
  assumed: boolean,
): readonly string[] {
  if (report === undefined) return ended?.code === CODE ? ['it ran and told nothing'] : [];
  return [
    ...(report.mode === 2 ? [] : [`ran with Seccomp: ${report.mode}`]),
    ...report.answers
      .filter(({ call, errno }) => ![ENOSYS, POLICY[call], ...(assumed ? [EPERM] : [])].includes(errno))
      .map(({ call, errno }) => `${call} got errno ${errno}`),
    ...(report.whole || ended?.code === 137 ? [] : [`the container’s code was ${ended?.code}`]),
  ];
}

/** What the summary says must be what was answered, and told. */
function wrongCounts(
  fault: WatchFault,
  agent: Agent,
  reports: readonly (Report | undefined)[],
): readonly string[] {
  if (fault.output !== undefined && fault.output !== 'file') return [];
  const line = agent
    .told()
    .split('\n')
    .find((text) => text.includes('"event":"summary"'));
  if (line === undefined) return ['no summary'];
  const summary = JSON.parse(line) as {
    readonly answered: number;
    readonly kinds?: readonly { readonly count: number }[];
    readonly unlisted?: number;
  };
  const { answered, kinds, unlisted = 0 } = summary;
  const told = kinds?.reduce((sum, { count }) => sum + count, unlisted) ?? answered;
  const got = reports
    .flatMap((report) => report?.answers ?? [])
    .filter(({ errno }) => errno !== ENOSYS)
    .reduce((sum, { count }) => sum + count, 0);
  const killed = reports.some((report) => report?.whole === false);
  return [
    ...(told === summary.answered ? [] : [`answered ${summary.answered}, told ${told}`]),
    ...(got === summary.answered || (killed && got <= summary.answered)
      ? []
      : [`answered ${summary.answered}, got ${got}`]),
  ];
}

/** Whether the agent ended by itself, and could take away what was its own. */
function isToTidy({ before, around }: WatchFault, ending: WatchEnding | undefined): boolean {
  const ended = ending !== undefined && ['served', 'stopped', 'died', 'refused'].includes(ending);
  return (
    ended && before === undefined && around?.some((word) => word.startsWith('inject=unlink:error')) !== true
  );
}

function leftovers({ socket }: Place): readonly string[] {
  const directory = dirname(socket);
  return existsSync(directory) ? readdirSync(directory).map((name) => `left ${name}`) : [];
}

export function endingOf(fault: WatchFault, agent: Agent, served: boolean): WatchEnding | undefined {
  const listened =
    fault.output === 'full' || fault.output === 'closes' || /"event":"listening"/.test(agent.told());
  switch (agent.code()) {
    case 0:
      return served ? 'served' : 'stopped';
    case 2:
      return /^callgate: ./m.test(agent.said()) ? (listened ? 'died' : 'refused') : undefined;
    case 137:
      return 'killed';
    default:
      return listened ? undefined : 'unstarted';
  }
}

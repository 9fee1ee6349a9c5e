import { programWord, quoted } from '../../../explain/denial.js';
import { verdictWord } from '../../../explain/verdict.js';
import { podOf } from '../../../kubernetes/podOf.js';
import type { AgentCounts } from '../../../linux/watch/agentThread.js';
import { containerWord } from '../../../linux/watch/containerWord.js';
import type { WatchedContainer } from '../../../linux/watch/processState.js';
import type { ContainerEvent, WatchedDenial } from '../../../linux/watch/watch.js';
import type { Io } from '../../io/io.js';
import { jsonLine, ruleJson, SCHEMA_VERSION } from '../../output/json.js';
import { paint } from '../../output/paint.js';
import { type TalliedKind, watchTally } from './tally.js';

/** What becomes of an agent's reports. */
export interface WatchOutput {
  readonly listening: (socketPath: string) => void;
  readonly denial: (denial: WatchedDenial) => void;
  readonly container: (event: ContainerEvent) => void;
  readonly problem: (text: string) => void;
  readonly summary: (counts: AgentCounts) => void;
}

/** For people: a line for each kind of call, when it comes first; how often all came in the end. */
export function watchAsText(io: Pick<Io, 'out' | 'err' | 'colour'>): WatchOutput {
  const colours = paint(io);
  const tally = watchTally();
  const unknown = new Set<string>();
  return {
    listening: (path) => io.err(`callgate: listening on ${path}; Ctrl-C ends it\n`),
    denial: (denial) => {
      if (!tally.add(denial)) return;
      const { container, call, pid, exe } = denial;
      const who = exe === undefined ? `pid ${pid}` : `${programWord(exe)}[${pid}]`;
      const name = nameOf(container);
      const verdict = `${verdictWord(call.verdict)}${denial.assumed ? ' (assumed)' : ''}`;
      io.out(
        `${colours.cyan(name)} ${colours.bold(call.text)} → ${colours.red(verdict)}  ${colours.dim(who)}\n`,
      );
      if (call.rule !== undefined) io.out(`  ${colours.dim(call.rule.text)}\n`);
    },
    container: (event) => {
      tally.container(event);
      const name = nameOf(event.container);
      if (event.kind !== 'started' || event.profile !== undefined || unknown.has(name)) return;
      if (unknown.size < MOST_NAMES) unknown.add(name);
      io.err(
        `callgate: note: ${name}: its profile is none of callgate extend --watch; its calls get --default-errno\n`,
      );
    },
    problem: (text) => io.err(`callgate: note: ${text}\n`),
    summary: ({ answered, vanished, listeners }) => {
      const { kinds, containers, unlisted } = tally.result();
      const end = [
        ...(vanished === 0n ? [] : [`; ${vanished} more had ended before their answer`]),
        ...(listeners === 0 ? [] : [`; ${listeners} still ran, and get ENOSYS from now on`]),
      ].join('');
      io.err(
        `callgate: ${answered} denied calls of ${containers} container${containers === 1 ? '' : 's'}${end}\n`,
      );
      const width = Math.max(0, ...kinds.map(({ count }) => String(count).length));
      for (const { text, count, containers: of } of kinds.slice(0, MOST_LINES))
        io.out(
          `${String(count).padStart(width)}  ${text}  ${colours.dim(`in ${of} container${of === 1 ? '' : 's'}`)}\n`,
        );
      const rest = kinds.slice(MOST_LINES).reduce((sum, { count }) => sum + count, 0) + unlisted;
      if (rest > 0) io.out(`${rest} more, of other kinds\n`);
    },
  };
}

/** Whoever makes a container chooses its name. */
function nameOf(container: WatchedContainer): string {
  const word = containerWord(container);
  return /^[\w.+:/-]+$/.test(word) ? word : quoted(word);
}

const MOST_NAMES = 1000;
const MOST_LINES = 50;

/** For programs: one object a line. */
export function watchAsJson(io: Pick<Io, 'out'>): WatchOutput {
  const tally = watchTally();
  const write = (event: string, value: object): void =>
    io.out(jsonLine({ schemaVersion: SCHEMA_VERSION, event, time: new Date().toISOString(), ...value }));
  return {
    listening: (listenerPath) => write('listening', { listenerPath }),
    denial: (denial) => {
      tally.add(denial);
      write('denial', denialJson(denial));
    },
    container: (event) => {
      tally.container(event);
      const { kind, container, profile, unlisted } = event;
      write(kind, {
        container: containerJson(container),
        profile: profile ?? null,
        ...(kind === 'ended' ? { unlisted } : {}),
      });
    },
    problem: (text) => write('problem', { text }),
    summary: ({ answered, vanished, listeners }) => {
      const { kinds, containers, unlisted } = tally.result();
      write('summary', {
        answered: Number(answered),
        vanished: Number(vanished),
        listeners,
        containers,
        kinds: kinds.map(({ text: _, ...kind }: TalliedKind) => kind),
        unlisted,
      });
    },
  };
}

/** A denial for programs. */
export function denialJson({ container, key, call, assumed, ...denial }: WatchedDenial): object {
  const { name, abi, args, text, verdict, rule } = call;
  return {
    container: containerJson(container),
    key,
    firstTime: new Date(denial.time).toISOString(),
    lastTime: new Date(denial.lastTime).toISOString(),
    pid: denial.pid,
    exe: denial.exe ?? null,
    syscall: name ?? null,
    number: denial.number,
    abi,
    args,
    text,
    verdict,
    assumed,
    count: denial.count,
    rule: ruleJson(rule),
  };
}

/** A container for programs, with its pod where the engine says it. */
export function containerJson(container: WatchedContainer): object {
  const { id, pid, bundle, annotations } = container;
  return {
    id,
    name: containerWord(container),
    kubernetes: podOf(annotations) ?? null,
    pid,
    bundle: bundle ?? null,
    annotations,
  };
}

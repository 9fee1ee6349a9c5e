import { appendFileSync } from 'node:fs';
import { release } from 'node:os';
import { CallgateError } from '../../error.js';
import { describeDenial } from '../../explain/denial.js';
import { filterFlags } from '../../explain/filterFlags.js';
import { reportAsGithub } from '../../explain/report/github.js';
import { reportAsMarkdown } from '../../explain/report/markdown.js';
import { type Report, reportOf } from '../../explain/report/report.js';
import { whoWords } from '../../explain/report/words.js';
import { verdictWord } from '../../explain/verdict.js';
import type { Denial } from '../../linux/denial.js';
import { type RunResult, runCommand } from '../../linux/run.js';
import {
  addContextFlags,
  type ContextFlags,
  hostKernel,
  resolveFlags,
  type Subject,
} from '../contextFlags.js';
import { contextLine, contextRows } from '../contextLine.js';
import { addFormat } from '../format.js';
import type { Io } from '../io.js';
import { layerFacts } from '../layerFlags.js';
import { liveDenial } from '../page/liveDenial.js';
import type { LiveFeed } from '../page/liveFeed.js';
import { openLivePage } from '../page/livePage.js';
import { untilSignal } from '../page/untilSignal.js';
import { paint } from '../paint.js';
import { runJson } from '../runJson.js';
import { runText } from '../runText.js';
import { type Loaded, load, programOf } from '../subject.js';
import type { Verb } from '../verb.js';
import { version } from '../version.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json' | 'github' | 'markdown';
  readonly report: string | boolean;
  readonly follow?: boolean;
  readonly ui?: boolean;
  readonly failOnDenial?: boolean;
  readonly failOnAnyDenial?: boolean;
}

export const runVerb: Verb = {
  name: 'run',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json', 'github', 'markdown'])
      .description(
        'Run a command under a container’s filter and capabilities, and report what was denied and why.',
      )
      .argument('<command...>', 'after --')
      .option('--follow', 'print each denied call as it happens')
      .option(
        '--ui',
        'serve the explorer page with each denied call as it happens; it stays after the command, until Ctrl-C',
      )
      .option('--report <file>', 'write the whole report: Markdown where FILE ends in .md, else JSON')
      .option('--no-report', 'the kernel enforces the filter alone: no supervisor, no report')
      .option(
        '--fail-on-denial',
        'exit with 1 when a call was denied and the command itself ended with 0, but for calls whose callers are known to take another way (clone3 with ENOSYS)',
      )
      .option('--fail-on-any-denial', 'as --fail-on-denial, and for those calls too')
      .passThroughOptions()
      .addHelpText(
        'after',
        `
The command is this process's child: streams, signals and terminal are its own. As root it gets the container's
capabilities; as another user no_new_privs, without which the kernel takes no filter.

The report goes to standard error when the command has ended, grouped by what denied: --format github writes
annotations, and a summary to the file that $GITHUB_STEP_SUMMARY names; markdown is for issues. docs/run.md explains it.

Exit: the command's own, 128+n for a signal, 125 callgate failed, 126 not executable, 127 not found.

Examples:
  callgate run --like docker@28.5.2 -- unshare -U true
  callgate run --profile ./profile.json --report report.json -- ./server
  callgate run --like docker@27.5.1 --cap-add SYS_NICE -- numactl --show
  callgate run --like docker --follow --fail-on-denial --format github -- npm test
  callgate run --ui --like docker -- ./server
`,
      )
      .action(async (words: readonly string[], flags: Flags) => exit(await run(words, flags, io)));
  },
};

async function run(words: readonly string[], flags: Flags, io: Io): Promise<number> {
  check(flags);
  const subject = await resolveFlags(flags, io, hostKernel());
  const loaded = await load(subject, io);
  if (flags.ui !== true) return supervise(words, flags, subject, loaded, io);
  const head = { title: `run: ${words.join(' ')}`, context: await contextLine(loaded.context) };
  const page = await openLivePage(head, io);
  try {
    const code = await supervise(words, flags, subject, loaded, io, page.feed);
    page.feed.say(`The command ended with ${code}.`);
    io.err('callgate: the page stays until Ctrl-C\n');
    await untilSignal();
    return code;
  } finally {
    await page.close();
  }
}

async function supervise(
  [command = '', ...args]: readonly string[],
  flags: Flags,
  subject: Subject,
  loaded: Loaded,
  io: Io,
  feed?: LiveFeed,
): Promise<number> {
  for (const { kind, text } of loaded.notes) if (kind !== 'comment') io.err(`callgate: note: ${text}\n`);
  const result = await runCommand(command, args, {
    filter: programOf(loaded),
    ...(loaded.prediction === undefined ? {} : { filterFlags: filterFlags(loaded.prediction) }),
    ...(process.geteuid?.() === 0
      ? { capabilities: loaded.context.capabilities, ...userOf(flags.user) }
      : {}),
    ...(subject.resolved.noNewPrivileges ? { noNewPrivileges: true } : {}),
    ...(flags.report === false ? {} : { onDenial: listener(flags, loaded, io, feed) }),
  });
  epilogue(result, io);
  if (flags.report === false) return result.exitCode;
  const about = {
    command: [command, ...args],
    context: await versions(loaded),
    notes: loaded.notes.map(({ text }) => text),
  };
  const { exitCode, signal, denials, unlisted } = result;
  const observation = { denials, unlisted, ending: { exitCode, signal } };
  const report = await reportOf(
    observation,
    about,
    loaded.policy,
    loaded.prediction,
    layerFacts({ ...flags, here: true }, ''),
  );
  const failed = exitCode === 0 && isFailure(report, flags);
  tell(report, failed, result, loaded, flags, io);
  return failed ? 1 : exitCode;
}

function check({ report, failOnDenial, failOnAnyDenial, follow, ui }: Flags): void {
  if (report !== false || (failOnDenial ?? failOnAnyDenial ?? follow ?? ui) === undefined) return;
  throw new CallgateError('USAGE', '--no-report leaves nobody who hears of denied calls', {
    hint: 'leave out --no-report, or --follow, --ui, --fail-on-denial and --fail-on-any-denial',
  });
}

function isFailure({ causes, total }: Report, { failOnDenial, failOnAnyDenial }: Flags): boolean {
  if (failOnAnyDenial === true) return total > 0;
  const harmless = causes.filter(({ impact }) => impact.kind === 'falls-back');
  return failOnDenial === true && total > harmless.reduce((sum, { count }) => sum + count, 0);
}

function tell(
  report: Report,
  failed: boolean,
  result: RunResult,
  loaded: Loaded,
  flags: Flags,
  io: Io,
): void {
  if (typeof flags.report === 'string') {
    const markdown = flags.report.endsWith('.md');
    io.write(flags.report, markdown ? reportAsMarkdown(report) : runJson(report, result, loaded));
  }
  // A command that was not started tells nothing about its calls.
  if (result.error !== undefined && flags.format !== 'json') return;
  switch (flags.format) {
    case 'human':
      return io.err(runText(report, io));
    case 'json':
      return io.err(runJson(report, result, loaded));
    case 'markdown':
      return io.err(reportAsMarkdown(report));
    case 'github':
      io.err(reportAsGithub(report, failed));
      return summarize(reportAsMarkdown(report), io);
  }
}

/** Every step of a job has a file of its own, which it may have begun already. */
function summarize(text: string, io: Io): void {
  const path = io.env['GITHUB_STEP_SUMMARY'];
  if (path === undefined || path === '') return;
  try {
    appendFileSync(path, text);
  } catch (error) {
    io.err(
      `callgate: note: $GITHUB_STEP_SUMMARY cannot be written: ${(error as NodeJS.ErrnoException).code}\n`,
    );
  }
}

/** Versions of everything that the verdicts depend on. */
async function versions({ context }: Loaded): Promise<Report['context']> {
  return [
    ['callgate', version],
    ...(await contextRows(context)),
    ['Host', `Linux ${release()}, Node.js ${process.versions.node}`],
  ];
}

/** Whoever wants to hear of a denied call at once. */
function listener(
  { follow }: Flags,
  loaded: Loaded,
  io: Io,
  feed: LiveFeed | undefined,
): (denial: Denial) => void {
  const print = follow === true ? follower(loaded, io) : undefined;
  return (denial) => {
    print?.(denial);
    feed?.denial(liveDenial(denial, loaded.policy, loaded.prediction));
  };
}

/** Prints each kind of denied call once. */
function follower(loaded: Loaded, io: Io): (denial: Denial) => void {
  const seen = new Set<string>();
  return (denial) => {
    const line = denialLine(denial, loaded, io);
    if (seen.has(line) || seen.size >= MOST_LINES) return;
    seen.add(line);
    io.err(line);
  };
}

/** As many kinds as the supervisor keeps apart. */
const MOST_LINES = 10_000;

/** docker's --user with numbers: names belong to the image's passwd file, which is not here. */
function userOf(user: string | undefined): { readonly uid?: number; readonly gid?: number } {
  if (user === undefined) return {};
  const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(user);
  if (match === null) {
    throw new CallgateError('USAGE', `--user ${user}: names belong to an image's passwd file`, {
      expected: 'UID or UID:GID',
    });
  }
  return { uid: Number(match[1]), gid: Number(match[2] ?? 0) };
}

/** `callgate: unshare(CLONE_NEWUSER) → EPERM  unshare[1234]` and the rule in the next line. */
function denialLine(denial: Denial, { policy, prediction }: Loaded, io: Io): string {
  const colours = paint(io);
  const { text, verdict, rule } = describeDenial(denial, policy, prediction);
  const who = whoWords(denial);
  const head = `callgate: ${colours.bold(text)} → ${colours.red(verdictWord(verdict))}  ${colours.dim(who)}\n`;
  return rule === undefined ? head : `${head}callgate:   ${colours.dim(rule.text)}\n`;
}

function epilogue({ error, missingCapabilities, supervisorLost, signal }: RunResult, io: Io): void {
  if (error !== undefined)
    io.err(`callgate: ${error.message}\n${error.hint === undefined ? '' : `  hint: ${error.hint}\n`}`);
  if (missingCapabilities.length > 0) {
    io.err(`callgate: note: this process could not pass on ${missingCapabilities.join(', ')}\n`);
  }
  if (supervisorLost)
    io.err('callgate: the supervisor was lost: later denied calls got ENOSYS and are not reported\n');
  if (signal === 'SIGSYS')
    io.err(
      'callgate: the filter ended the command (SIGSYS): the call is in the kernel’s log, if that is kept\n',
    );
}

import { CallgateError } from '../../error.js';
import { type RunResult, runCommand } from '../../linux/run.js';
import { addContextFlags } from '../contextOptions.js';
import { addFormat } from '../format.js';
import type { Io } from '../io.js';
import type { LiveFeed } from '../page/liveFeed.js';
import type { RunFlags as Flags } from '../runReport.js';
import { type Start, startPlan } from '../startPlan.js';
import { userOf } from '../userFlag.js';
import type { Verb } from '../verb.js';

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
  const { format, report, follow, ui, failOnDenial, failOnAnyDenial, ...context } = flags;
  const start = await startPlan(context, io);
  if (ui !== true) return supervise(words, flags, start, io);
  const { withPage } = await import('../runReport.js');
  return withPage(words, await start.load(), io, (feed) => supervise(words, flags, start, io, feed));
}

async function supervise(
  [command = '', ...args]: readonly string[],
  flags: Flags,
  { plan, load }: Start,
  io: Io,
  feed?: LiveFeed,
): Promise<number> {
  for (const { kind, text } of plan.notes) if (kind !== 'comment') io.err(`callgate: note: ${text}\n`);
  const isLive = flags.follow === true || feed !== undefined;
  const onDenial = isLive
    ? (await import('../runReport.js')).listener(flags, await load(), io, feed)
    : () => {};
  const result = await runCommand(command, args, {
    filter: plan.filter,
    filterFlags: plan.filterFlags,
    ...(process.geteuid?.() === 0 ? { capabilities: plan.capabilities, ...userOf(flags.user) } : {}),
    ...(plan.noNewPrivileges ? { noNewPrivileges: true } : {}),
    ...(flags.report === false ? {} : { onDenial }),
  });
  epilogue(result, io);
  // Nothing was denied and nobody asked for more: there is nothing to load for a report.
  const isQuiet = result.denials.length === 0 && result.unlisted === 0;
  if (flags.report === false || (isQuiet && flags.format === 'human' && typeof flags.report !== 'string')) {
    return result.exitCode;
  }
  const { reportRun } = await import('../runReport.js');
  return reportRun([command, ...args], result, await load(), flags, io);
}

function check({ report, failOnDenial, failOnAnyDenial, follow, ui }: Flags): void {
  if (report !== false || (failOnDenial ?? failOnAnyDenial ?? follow ?? ui) === undefined) return;
  throw new CallgateError('USAGE', '--no-report leaves nobody who hears of denied calls', {
    hint: 'leave out --no-report, or --follow, --ui, --fail-on-denial and --fail-on-any-denial',
  });
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

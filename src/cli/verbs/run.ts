import { CallgateError } from '../../error.js';
import { addContextFlags } from '../context/contextOptions.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import type { RunFlags } from '../runFlags.js';
import { startPlan } from '../startPlan.js';
import { startRun } from '../startRun.js';
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

Exit: the command's own, 128+n for a signal, 125 callgate failed, 126 not executable, 127 not found; 2 for words or a
profile that callgate does not understand.

Examples:
  callgate run --like docker@28.5.2 -- unshare -U true
  callgate run --profile ./profile.json --report report.json -- ./server
  callgate run --like docker@27.5.1 --cap-add SYS_NICE -- numactl --show
  callgate run --like docker --follow --fail-on-denial --format github -- npm test
  callgate run --ui --like docker -- ./server
`,
      )
      .action(async (words: readonly string[], flags: RunFlags) =>
        // The words after the verb, as they were given.
        exit(await run(words, flags, command.parent?.args.slice(1) ?? [], io)),
      );
  },
};

async function run(
  words: readonly string[],
  flags: RunFlags,
  given: readonly string[],
  io: Io,
): Promise<number> {
  check(flags);
  const own = given.slice(0, given.length - words.length);
  if (own.at(-1) === '--') own.pop();
  return startRun(words, flags, await startPlan(own, flags, io), io);
}

function check({ report, failOnDenial, failOnAnyDenial, follow, ui }: RunFlags): void {
  if (report !== false || (failOnDenial ?? failOnAnyDenial ?? follow ?? ui) === undefined) return;
  throw new CallgateError('USAGE', '--no-report leaves nobody who hears of denied calls', {
    hint: 'leave out --no-report, or --follow, --ui, --fail-on-denial and --fail-on-any-denial',
  });
}

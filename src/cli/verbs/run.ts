import { CallgateError } from '../../error.js';
import { describeDenial, quoted } from '../../explain/denial.js';
import { filterFlags } from '../../explain/filterFlags.js';
import { verdictWord } from '../../explain/verdict.js';
import type { Denial } from '../../linux/denial.js';
import { type RunResult, runCommand } from '../../linux/run.js';
import { addContextFlags, type ContextFlags, hostKernel, resolveFlags } from '../contextFlags.js';
import type { Io } from '../io.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../json.js';
import { paint } from '../paint.js';
import { type Loaded, load, programOf } from '../subject.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly report: string | boolean;
  readonly failOnDenial?: boolean;
}

export const runVerb: Verb = {
  name: 'run',
  define: (command, io, exit) => {
    addContextFlags(command)
      .description('Run a command under a container’s filter and capabilities, and report each denied call.')
      .argument('<command...>', 'after --')
      .option('--report <file>', 'write the denials as JSON')
      .option('--no-report', 'the kernel enforces the filter alone: no supervisor, no report')
      .option('--fail-on-denial', 'exit with 1 when a call was denied and the command itself ended with 0')
      .passThroughOptions()
      .addHelpText(
        'after',
        `
The command is this process's child: streams, signals and terminal are its own. As root it gets the container's
capabilities; as another user no_new_privs, without which the kernel takes no filter.

Exit: the command's own, 128+n for a signal, 125 callgate failed, 126 not executable, 127 not found.

Examples:
  callgate run --like docker@28.5.2 -- unshare -U true
  callgate run --profile ./profile.json --report report.json -- ./server
  callgate run --like docker@27.5.1 --cap-add SYS_NICE -- numactl --show
  callgate run --like docker --fail-on-denial -- npm test
`,
      )
      .action(async (words: readonly string[], flags: Flags) => exit(await run(words, flags, io)));
  },
};

async function run([command = '', ...args]: readonly string[], flags: Flags, io: Io): Promise<number> {
  const subject = await resolveFlags(flags, io, hostKernel());
  const loaded = await load(subject, io);
  for (const { kind, text } of loaded.notes) if (kind !== 'comment') io.err(`callgate: note: ${text}\n`);
  const seen = new Set<string>();
  const onDenial = (denial: Denial): void => {
    const line = denialLine(denial, loaded, io);
    if (seen.has(line)) return;
    seen.add(line);
    io.err(line);
  };
  const result = await runCommand(command, args, {
    filter: programOf(loaded),
    ...(loaded.prediction === undefined ? {} : { filterFlags: filterFlags(loaded.prediction) }),
    ...(process.geteuid?.() === 0
      ? { capabilities: loaded.context.capabilities, ...userOf(flags.user) }
      : {}),
    ...(subject.resolved.noNewPrivileges ? { noNewPrivileges: true } : {}),
    ...(flags.report === false ? {} : { onDenial }),
  });
  epilogue(result, io);
  if (typeof flags.report === 'string') {
    io.write(flags.report, jsonText(reportJson([command, ...args], result, loaded)));
  }
  const failed = flags.failOnDenial === true && result.denials.length > 0 && result.exitCode === 0;
  return failed ? 1 : result.exitCode;
}

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
  const exe = denial.exe?.split('/').at(-1);
  const who =
    exe === undefined ? `pid ${denial.pid}` : `${/^[\w.+-]+$/.test(exe) ? exe : quoted(exe)}[${denial.pid}]`;
  const head = `callgate: ${colours.bold(text)} → ${colours.red(verdictWord(verdict))}  ${colours.dim(who)}\n`;
  return rule === undefined ? head : `${head}callgate:   ${colours.dim(rule.text)}\n`;
}

function epilogue(result: RunResult, io: Io): void {
  const { error, missingCapabilities, supervisorLost, unlisted, denials, signal } = result;
  if (error !== undefined)
    io.err(`callgate: ${error.message}\n${error.hint === undefined ? '' : `  hint: ${error.hint}\n`}`);
  if (missingCapabilities.length > 0) {
    io.err(`callgate: note: this process could not pass on ${missingCapabilities.join(', ')}\n`);
  }
  if (supervisorLost)
    io.err('callgate: the supervisor was lost: later denied calls got ENOSYS and are not reported\n');
  if (unlisted > 0) io.err(`callgate: ${unlisted} more denied calls were of too many kinds to list\n`);
  if (signal === 'SIGSYS')
    io.err(
      'callgate: the filter ended the command (SIGSYS): the call is in the kernel’s log, if that is kept\n',
    );
  const repeated = denials.reduce((sum, { count }) => sum + count, 0);
  if (repeated > denials.length) {
    io.err(
      `callgate: ${repeated} denied calls of ${denials.length} kind${denials.length === 1 ? '' : 's'}\n`,
    );
  }
}

function reportJson(
  command: readonly string[],
  result: RunResult,
  { context, policy, prediction, notes }: Loaded,
): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(context),
    command,
    exit: {
      code: result.exitCode,
      signal: result.signal ?? null,
      ...(result.error === undefined ? {} : { error: result.error.message }),
    },
    denials: result.denials.map((denial) => {
      const { name, abi, args, verdict, rule } = describeDenial(denial, policy, prediction);
      return {
        time: new Date(denial.time).toISOString(),
        pid: denial.pid,
        exe: denial.exe ?? null,
        syscall: name ?? null,
        number: denial.number,
        abi,
        args,
        verdict,
        count: denial.count,
        rule:
          rule === undefined
            ? null
            : {
                text: rule.text,
                stage: rule.stage,
                ...(rule.source === undefined ? {} : { source: rule.source }),
              },
      };
    }),
    unlisted: result.unlisted,
    supervisorLost: result.supervisorLost,
    missingCapabilities: result.missingCapabilities,
    noNewPrivileges: result.noNewPrivileges,
    notes: notes.map(({ text }) => text),
  };
}

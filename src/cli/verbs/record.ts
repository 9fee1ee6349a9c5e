import { Option } from 'commander';
import type { Context } from '../../engine/context.js';
import { CallgateError } from '../../error.js';
import { EXIT_LAUNCHER } from '../../linux/table.js';
import { type AskedArguments, parseAskedArguments } from '../../record/argumentsAsked.js';
import { argumentsToRecord, defaultConditions } from '../../record/conditions.js';
import { coverageOf } from '../../record/coverage.js';
import { type ContainerProfile, profileFor } from '../../record/forContainer.js';
import { writeRecording } from '../../record/recordingFile.js';
import { mergeRuns, type Runs } from '../../record/runs.js';
import { addContextFlags, type ContextFlags, hostKernel, resolveFlags } from '../context/contextFlags.js';
import { userOf } from '../context/userFlag.js';
import { tellFailure } from '../failure.js';
import type { Io } from '../io/io.js';
import { requireWritable } from '../io/output.js';
import { jsonText } from '../output/json.js';
import { progressLine } from '../output/progress.js';
import type { Verb } from '../verb.js';
import { readRecorded } from './record/input.js';
import { recordJson } from './record/json.js';
import { type Replay, replay, replayText } from './record/replay.js';
import { recordRun } from './record/run.js';
import { recordText } from './record/text.js';

interface Flags extends ContextFlags {
  readonly output?: string;
  readonly format?: 'docker' | 'oci' | 'spo';
  readonly args?: string;
  readonly portable?: boolean;
  readonly exact?: boolean;
  readonly clone3: boolean;
  readonly merge?: readonly string[];
  readonly from?: readonly string[];
  readonly recording?: string;
  readonly report?: string;
  readonly recorder: 'auto' | 'user-notification' | 'ebpf';
  readonly verify?: true | string;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
const collectList = (value: string, before?: string): string =>
  before === undefined ? value : `${before},${value}`;

export const recordVerb: Verb = {
  name: 'record',
  define: (command, io, exit) => {
    addContextFlags(command)
      .description('Run a command, and write the smallest seccomp profile that lets it do what it did.')
      .argument('[command...]', 'after --')
      .option('-o, --output <file>', 'where the profile goes')
      .addOption(
        new Option(
          '--format <format>',
          'of the profile: Docker’s, the OCI spec’s, or a SeccompProfile of Kubernetes (default: docker; oci for containerd)',
        ).choices(['docker', 'oci', 'spo']),
      )
      .option(
        '--args <list>',
        'allow these calls with the recorded values only: socket:0,clone:0',
        collectList,
      )
      .option('--portable', 'add what other C libraries and architectures call instead')
      .option('--exact', 'add nothing to what was recorded')
      .option(
        '--no-clone3',
        'answer clone3, whose flags no filter sees, with ENOSYS: C libraries then take clone',
      )
      .option('--merge <file>', 'add what an earlier recording or a log holds; may be repeated', collect)
      .option(
        '--from <file>',
        'make no run: take recordings, strace output or audit logs; - for standard input; may be repeated',
        collect,
      )
      .option('--recording <file>', 'write the recording too, for --merge and --from')
      .option('--report <file>', 'write what is told on standard error as JSON')
      .addOption(
        new Option(
          '--recorder <name>',
          'how calls are seen: in the kernel (as root), or by asking this process',
        )
          .choices(['auto', 'user-notification', 'ebpf'])
          .default('auto'),
      )
      .option('--verify [times]', 'run the command again under the profile, and say what is denied')
      .passThroughOptions()
      .addHelpText(
        'after',
        `
The command is this process's child: streams, signals and terminal are its own. Its children, threads and what they
execute are recorded too, and calls that fail as well. When it is stopped (Ctrl-C), what was recorded so far is written.

The profile denies what it does not name. Each group of calls says what it is for; what was added says why: what the
container's runtime calls to start the program, and calls that no run is sure to show. --portable adds more. --verify
runs the command again as the container of the other flags would, so a command that cannot run twice needs a shell
around it that cleans up.

Exit: the command's own, 128+n for a signal, 125 callgate failed (also to write the profile, though the command ended
with 0), 126 not executable, 127 not found; 1 when a replay was denied something though the command itself ended with 0;
with --from 0; 2 for words or input that callgate does not understand.

Examples:
  callgate record -o web.json --verify 3 -- node server.js --self-test
  callgate record -o web.json --args socket:0,clone:0 --recording web.rec -- ./server
  callgate record -o web.json --merge web.rec -- ./server --other-feature
  callgate record -o web.yaml --format spo --portable --from web.rec
  strace -f -o trace ./server; callgate record -o web.json --from trace
  callgate record -o web.json --from /var/log/audit/audit.log
`,
      )
      .action(async (words: readonly string[], flags: Flags) => exit(await run(words, flags, io)));
  },
};

async function run(command: readonly string[], flags: Flags, io: Io): Promise<number> {
  const replays = checkFlags(command, flags);
  let ended: number | undefined;
  try {
    return await make(command, replays, flags, io, (exit) => {
      ended = exit;
    });
  } catch (error) {
    if (ended === undefined) throw error;
    tellFailure(error, io);
    io.err(`callgate: the command itself ended with ${ended}\n`);
    return ended === 0 ? EXIT_LAUNCHER : ended;
  }
}

/**
 * Makes the profile, of a command that is run or of files.
 *
 * @param ended told the command's exit code
 */
async function make(
  command: readonly string[],
  replays: number,
  flags: Flags,
  io: Io,
  ended: (exit: number) => void,
): Promise<number> {
  const { resolved } = await resolveFlags(flags, io, hostKernel());
  const { context, noNewPrivileges } = resolved;
  const user = userOf(flags.user);
  const asked = flags.args === undefined ? undefined : parseAskedArguments(flags.args, context.arch);
  const toRecord = argumentsToRecord(await defaultConditions(context), asked);
  const notes = resolved.notes.map(({ text }) => text);
  const read = (paths: readonly string[]): readonly Runs[] => readAll(paths, context, toRecord, notes, io);
  // What cannot be read is said before the command has run.
  const earlier = read(flags.merge ?? []);
  const recorded =
    flags.from === undefined
      ? await recordRun(command, { context, noNewPrivileges, user, toRecord, recorder: flags.recorder }, io)
      : undefined;
  if (recorded !== undefined && recorded.runs === undefined) return recorded.exit;
  if (recorded !== undefined) ended(recorded.exit);
  notes.push(...(recorded?.notes ?? []));
  const [first, ...more] = [
    ...(recorded?.runs === undefined ? read(flags.from ?? []) : [recorded.runs]),
    ...earlier,
  ];
  if (first === undefined) throw new TypeError('neither a run nor a file');
  const runs = mergeRuns(first, ...more);
  if (flags.recording !== undefined) io.write(flags.recording, writeRecording(runs));
  const exit = recorded?.exit ?? 0;
  if (flags.output === undefined && replays === 0 && flags.report === undefined) return exit;
  const made = await profileFor(context, runs, {
    dialect: flags.format ?? (context.engine.name === 'containerd' ? 'oci' : 'docker'),
    noNewPrivileges,
    file: flags.output ?? '(not written)',
    ...(asked === undefined ? {} : { asked }),
    ...(flags.portable === true ? { portable: true } : {}),
    ...(flags.exact === true ? { exact: true } : {}),
    ...(flags.clone3 === false ? { clone3: false } : {}),
  });
  if (flags.output !== undefined) io.write(flags.output, made.text);
  const told: ContainerProfile = { ...made, notes: [...notes, ...made.notes] };
  const coverage = coverageOf(runs, { portable: flags.portable === true, restricted: asked !== undefined });
  io.err(recordText(told, coverage, flags.output, io));
  const expected = new Set(flags.clone3 ? [] : ['clone3']);
  const replayed: Replay[] = [];
  // Who stops the command wants to be done.
  const stopped = exit > SIGNALLED;
  if (stopped && replays > 0) io.err('callgate: the command was stopped, so it is not run again\n');
  for (let time = 1; time <= (stopped ? 0 : replays); time++) {
    const one = await replay(command, made.prediction, { noNewPrivileges, user }, expected);
    replayed.push(one);
    io.err(replayText(one, `replay ${time} of ${replays}`, recorded?.exit));
  }
  if (flags.report !== undefined)
    io.write(flags.report, jsonText(recordJson({ command, exit, runs, told, coverage, replayed })));
  const denied = replayed.some(({ denials }) => denials.length > 0);
  return denied && exit === 0 ? 1 : exit;
}

const MOST_REPLAYS = 1000;
/** 128+n: a signal ended the command, or it says so itself. */
const SIGNALLED = 128;

/** @returns how often the command is to be run again */
function checkFlags(command: readonly string[], flags: Flags): number {
  const replays = flags.verify === undefined ? 0 : flags.verify === true ? 1 : Number(flags.verify);
  const usage = (message: string, hint: string): never => {
    throw new CallgateError('USAGE', message, { hint });
  };
  if (
    !Number.isInteger(replays) ||
    replays < 0 ||
    replays > MOST_REPLAYS ||
    (flags.verify !== undefined && replays < 1)
  )
    usage(`--verify ${String(flags.verify)}: how often?`, `a number from 1 to ${MOST_REPLAYS}`);
  if (flags.profile !== undefined)
    usage(
      '--profile: record writes the profile',
      'to see what a profile denies to a command, use callgate run',
    );
  if (flags.from === undefined && command.length === 0)
    usage('which command is to be recorded?', 'callgate record -o profile.json -- COMMAND, or --from FILE');
  if (flags.from !== undefined && command.length > 0 && replays === 0)
    usage(
      '--from and a command',
      '--merge adds a file to the run of a command; with --from, --verify alone runs it',
    );
  if (flags.from !== undefined && command.length === 0 && replays > 0)
    usage('--verify: which command?', 'name it after --');
  if (
    flags.output === undefined &&
    flags.recording === undefined &&
    flags.report === undefined &&
    replays === 0
  )
    usage('where does the profile go?', '-o FILE; --recording FILE keeps the recording alone');
  for (const file of [flags.output, flags.recording, flags.report]) {
    if (file === '-' && command.length > 0) usage('-: standard output is the command’s', 'name a file');
    if (file !== undefined) requireWritable(file);
  }
  return replays;
}

function readAll(
  paths: readonly string[],
  { arch }: Context,
  toRecord: AskedArguments,
  notes: string[],
  io: Io,
): readonly Runs[] {
  return paths.map((path) => {
    const progress = progressLine(io);
    try {
      const input = readRecorded(path, { arch, asked: toRecord }, (part) =>
        progress.show(`${path}: ${Math.floor(part * 100)} %`),
      );
      notes.push(...input.notes);
      return input.runs;
    } finally {
      progress.clear();
    }
  });
}

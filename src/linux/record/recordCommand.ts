import type { SpawnOptions } from 'node:child_process';
import { CallgateError } from '../../error.js';
import { abi } from '../../syscalls/abis.js';
import { syscallsOf } from '../../syscalls/table.js';
import { readCapabilities } from '../capabilities.js';
import { type CommandEnd, commandEnd } from '../commandEnd.js';
import { planCredentials } from '../credentials.js';
import { forwardSignals } from '../forwardSignals.js';
import { hostMachine } from '../machine.js';
import { startLauncher } from '../startLauncher.js';
import { machineAbis } from '../supervisor/argumentShapes.js';
import { EXIT_LAUNCHER } from '../table.js';
import type { CallRecorder, LiveRecorder, Recorded } from './callRecorder.js';
import { ebpfRecorder } from './ebpfRecorder.js';
import { notificationRecorder } from './notificationRecorder.js';
import type { WantedArguments } from './recorderTable.js';

/** How a command is started and recorded. */
export interface RecordOptions extends Omit<SpawnOptions, 'timeout'> {
  /** Default `auto`: eBPF where this process may and the kernel can, else user notification. */
  readonly recorder?: 'auto' | LiveRecorder | undefined;
  /** Argument indices (0..5) whose values are recorded together, by the call's name; on every ABI that has it. */
  readonly argumentsOf?: ReadonlyMap<string, readonly number[]> | undefined;
  /** As for `run`: what a command that is started as root has at most, full names. Absent: what this process has. */
  readonly capabilities?: readonly string[] | undefined;
  /** Default: false where that can be, else (user notification without CAP_SYS_ADMIN) true. */
  readonly noNewPrivileges?: boolean | undefined;
  /** Ends the command (by `killSignal`, default SIGTERM); what was recorded up to then is the result. */
  readonly signal?: AbortSignal | undefined;
  /** How many calls were seen up to now, a few times a second. */
  readonly onProgress?: ((calls: number) => void) | undefined;
}

/** What a recorded command called, and how it ended. */
export interface RecordResult extends CommandEnd, Recorded {
  /** With `auto`: why eBPF, which costs less, was not used. */
  readonly notEbpf: string | undefined;
  readonly missingCapabilities: readonly string[];
  readonly noNewPrivileges: boolean;
}

const PROGRESS_INTERVAL = 200;

/**
 * Runs a command to its end and records which system calls it and its descendants make, also those that fail. Nothing
 * is denied: recording is no confinement. Signals to this process go to the command.
 *
 * The recording ends with the command itself, as a container does. Of processes that it left behind (`leftBehind`)
 * nothing more is recorded; they go on undisturbed.
 *
 * @throws {CallgateError} HOST when the recorder cannot work here. A command that cannot be executed is a result.
 * @example
 * const { recording } = await recordCommand('git', ['status'], { argumentsOf: new Map([['socket', [0]]]) });
 * console.log(recording.calls.map(({ number, count }) => `${number}: ${count}`));
 */
export async function recordCommand(
  command: string,
  args: readonly string[],
  options: RecordOptions = {},
): Promise<RecordResult> {
  const {
    recorder: asked,
    argumentsOf,
    capabilities,
    noNewPrivileges,
    signal,
    onProgress,
    ...rest
  } = options;
  const { uid, gid, ...plain } = rest;
  const { recorder, notEbpf } = choose(asked ?? 'auto', wantedArguments(argumentsOf ?? new Map()));
  const forwarding = forwardSignals();
  let progress: NodeJS.Timeout | undefined;
  try {
    const credentials = planCredentials({ capabilities, noNewPrivileges, uid, gid }, readCapabilities());
    const { launcher } = recorder;
    const started = startLauncher(
      command,
      args,
      { stdio: 'inherit', ...plain },
      {
        open: launcher.open,
        steps: (firstFd) => [...credentials.steps, ...launcher.steps(firstFd)],
      },
    );
    const end = commandEnd(command, started);
    try {
      recorder.started(started);
    } catch (error) {
      // It waits for a recorder that there is not.
      started.child.kill('SIGKILL');
      throw error;
    }
    forwarding.to((name) => started.child.kill(name));
    const abort = (): void => void started.child.kill(options.killSignal ?? 'SIGTERM');
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    if (onProgress !== undefined) {
      progress = setInterval(() => onProgress(recorder.calls()), PROGRESS_INTERVAL);
    }
    const ended = await end;
    signal?.removeEventListener('abort', abort);
    const recorded = await recorder.finish();
    return {
      ...ended,
      ...notBegun(command, ended, recorded),
      ...recorded,
      notEbpf,
      missingCapabilities: credentials.missing,
      noNewPrivileges: credentials.noNewPrivileges,
    };
  } finally {
    clearInterval(progress);
    forwarding.stop();
    recorder.close();
  }
}

/** The command's own execve is recorded: where nothing was, there was none, and a profile of it would be of no use. */
function notBegun(
  command: string,
  { error, exitCode, signal }: CommandEnd,
  { recording, recorderLost }: Recorded,
): Partial<CommandEnd> {
  if (error !== undefined || recording.calls.length > 0) return {};
  const why = recorderLost ? 'its recorder was ended' : `its launcher was ended by ${signal ?? exitCode}`;
  return {
    error: new CallgateError('HOST', `${command} was not started: ${why}`),
    ...(recorderLost ? { exitCode: EXIT_LAUNCHER } : {}),
  };
}

interface Choice {
  readonly recorder: CallRecorder;
  readonly notEbpf: string | undefined;
}

function choose(asked: 'auto' | LiveRecorder, wanted: readonly WantedArguments[]): Choice {
  if (asked === 'ebpf') return { recorder: ebpfRecorder(wanted), notEbpf: undefined };
  if (asked === 'user-notification') return { recorder: notificationRecorder(wanted), notEbpf: undefined };
  try {
    return { recorder: ebpfRecorder(wanted), notEbpf: undefined };
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    return { recorder: notificationRecorder(wanted), notEbpf: error.message };
  }
}

/** The numbers of the named calls on every ABI whose programs this machine runs. */
function wantedArguments(argumentsOf: ReadonlyMap<string, readonly number[]>): readonly WantedArguments[] {
  const wanted: WantedArguments[] = [];
  for (const name of machineAbis(hostMachine().name)) {
    const { auditArch } = abi(name);
    for (const call of syscallsOf(name)) {
      const indices = argumentsOf.get(call.name);
      if (indices !== undefined) wanted.push({ auditArch, number: call.number, indices });
    }
  }
  return wanted;
}

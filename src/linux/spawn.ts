import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { check } from '../bpf/check.js';
import { decode, encode } from '../bpf/encode.js';
import type { Program } from '../bpf/instruction.js';
import { CallgateError } from '../error.js';
import { readCapabilities } from './capabilities.js';
import { type CredentialPlan, planCredentials } from './credentials.js';
import { socketPair } from './ffi.js';
import { hasUserNotification, listenerFlags } from './host/host.js';
import { loadFlags } from './loadFlags.js';
import { closeOnExec, installFilter, installSupervisedFilter } from './script.js';
import { type StartedCommand, startLauncher } from './startLauncher.js';
import type { Denial } from './supervisor/denial.js';
import { supervisedFilter } from './supervisor/supervisedFilter.js';
import { type Supervisor, startSupervisor } from './supervisor/supervisor.js';

/** What is done to the command besides what node:child_process does. */
export interface FilterOptions {
  /** The filter: instructions, or the bytes that seccomp(2) takes. */
  readonly filter: Program | Uint8Array;
  /**
   * Flags for seccomp(2), as in the OCI runtime spec without their prefix. TSYNC means nothing here, since the filter
   * is loaded before the command has threads.
   */
  readonly filterFlags?: readonly ('LOG' | 'SPEC_ALLOW' | 'TSYNC')[] | undefined;
  /** The command's capabilities when it is started as root: full names (`CAP_CHOWN`). Absent: those of this process. */
  readonly capabilities?: readonly string[] | undefined;
  /** Default: false when this process has CAP_SYS_ADMIN, as `docker run` does, else true (the kernel demands it then). */
  readonly noNewPrivileges?: boolean | undefined;
  /**
   * Called for each kind of denied call, and again with a higher count when it was repeated; for the last time before
   * the 'exit' event. Without it there is no supervisor, and the kernel alone enforces the filter.
   */
  readonly onDenial?: ((denial: Denial) => void) | undefined;
}

/** As for spawn() of node:child_process, and the filter. */
export type FilteredSpawnOptions = SpawnOptions & FilterOptions;

/** A started command and what belongs to it. */
export interface Launch extends StartedCommand {
  readonly supervisor: Supervisor | undefined;
  readonly credentials: CredentialPlan;
}

/**
 * Starts a command under a filter, as node:child_process.spawn starts it without: the process that is returned is the
 * command itself, with Node's streams, signals and exit code. The filter holds from its first instruction on.
 *
 * When it cannot be started, the child emits 'error' with a CallgateError, whose `cause` names the step and the errno,
 * and exits with 125 (the launcher failed), 126 (not executable) or 127 (not found). It never runs unfiltered.
 *
 * @throws {CallgateError} HOST when this machine or process cannot do what is asked; INPUT when the kernel would refuse
 * the filter.
 *
 * @example
 * const child = spawn('unshare', ['-U', 'true'], { filter: program, onDenial: console.log, stdio: 'inherit' });
 */
export function spawn(command: string, args: readonly string[], options: FilteredSpawnOptions): ChildProcess {
  return launch(command, args, options).child;
}

/** As spawn(), for callers that need more than the child. */
export function launch(
  command: string,
  args: readonly string[],
  options: FilteredSpawnOptions,
  supervisorStart: 'at once' | 'on demand' = 'at once',
): Launch {
  const { filter, filterFlags, capabilities, noNewPrivileges, onDenial, uid, gid, ...plain } = options;
  const program = toProgram(filter);
  const credentials = planCredentials({ capabilities, noNewPrivileges, uid, gid }, readCapabilities());
  const flags = loadFlags(filterFlags ?? []);
  if (onDenial !== undefined) requireUserNotification();

  let supervisor: Supervisor | undefined;
  const started = startLauncher(command, args, plain, {
    steps: (firstFd) => [
      ...credentials.steps,
      ...(onDenial === undefined
        ? [installFilter(encode(program, 'little'), flags)]
        : [
            closeOnExec(firstFd),
            ...installSupervisedFilter(
              encode(supervisedFilter(program), 'little'),
              flags | listenerFlags(),
              firstFd,
            ),
          ]),
    ],
    open: (launcherPath) => {
      if (onDenial === undefined) return [];
      // Before the command: without a supervisor it must not run. When it does not start, the supervisor ends with
      // the socket's other end.
      const [ours, theirs] = socketPair();
      supervisor = startSupervisor({
        filter: encode(program, 'little'),
        socket: ours,
        start: supervisorStart,
        launcher: launcherPath,
        onDenial,
        onLost: (error) => process.emitWarning(error.message, 'CallgateWarning'),
      });
      return [theirs];
    },
  });
  started.child.once('exit', () => supervisor?.flush());
  return { ...started, supervisor, credentials };
}

function toProgram(filter: Program | Uint8Array): Program {
  const program = filter instanceof Uint8Array ? decode(filter, 'little') : filter;
  const verdict = check(program);
  if (verdict.ok) return program;
  const where = verdict.instruction < 0 ? '' : `instruction ${verdict.instruction}: `;
  throw new CallgateError('INPUT', `the kernel would refuse this filter: ${where}${verdict.reason}`);
}

function requireUserNotification(): void {
  if (hasUserNotification()) return;
  throw new CallgateError('HOST', 'this kernel cannot report denied calls (no SECCOMP_RET_USER_NOTIF)', {
    expected: 'Linux 5.0 or newer with CONFIG_SECCOMP_FILTER',
    hint: 'run without a report of the denials: the kernel enforces the filter all the same',
  });
}

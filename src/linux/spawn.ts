import {
  type ChildProcess,
  type SpawnOptions,
  type StdioOptions,
  spawn as spawnPlain,
} from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { check } from '../bpf/check.js';
import { decode, encode } from '../bpf/encode.js';
import type { Program } from '../bpf/instruction.js';
import { CallgateError } from '../error.js';
import { argumentShapes } from './argumentShapes.js';
import { readCapabilities } from './capabilities.js';
import { SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW } from './constants.js';
import { type CredentialPlan, planCredentials } from './credentials.js';
import type { Denial } from './denial.js';
import { socketPair } from './ffi.js';
import { hasUserNotification, listenerFlags } from './host.js';
import { launcher } from './launcher.js';
import { writeLauncher } from './launcherFile.js';
import { decodeFailure, type LaunchFailure, launchError, REPORT_BYTES } from './launchFailure.js';
import { hostMachine } from './machine.js';
import { resolveCommand } from './resolveCommand.js';
import { closeOnExec, installFilter, installSupervisedFilter, type Script } from './script.js';
import { supervisedFilter } from './supervisedFilter.js';
import { type Supervisor, startSupervisor } from './supervisor.js';

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

export type FilteredSpawnOptions = SpawnOptions & FilterOptions;

/** A started command and what belongs to it. */
export interface Launch {
  readonly child: ChildProcess;
  readonly supervisor: Supervisor | undefined;
  readonly credentials: CredentialPlan;
  /** Known when the child's streams have closed. */
  readonly failure: () => LaunchFailure | undefined;
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
export function launch(command: string, args: readonly string[], options: FilteredSpawnOptions): Launch {
  const { filter, filterFlags, capabilities, noNewPrivileges, onDenial, uid, gid, shell, argv0, ...plain } =
    options;
  const machine = hostMachine();
  const program = toProgram(filter);
  const credentials = planCredentials({ capabilities, noNewPrivileges, uid, gid }, readCapabilities());
  const [file, argv] = withShell(command, args, shell);
  const stdio = normalStdio(plain.stdio);
  const statusFd = stdio.length;
  const flags = flagBits(filterFlags ?? []);

  const install = (socketFd: number | undefined): Script =>
    socketFd === undefined
      ? [installFilter(encode(program, 'little'), flags)]
      : [
          closeOnExec(socketFd),
          ...installSupervisedFilter(
            encode(supervisedFilter(program), 'little'),
            flags | listenerFlags(),
            socketFd,
          ),
        ];
  if (onDenial !== undefined) requireUserNotification();
  const socketFd = onDenial === undefined ? undefined : statusFd + 1;
  const built = launcher(
    machine,
    [closeOnExec(statusFd), ...credentials.steps, ...install(socketFd)],
    statusFd,
  );
  const cwd = plain.cwd === undefined ? process.cwd() : plain.cwd.toString();
  const path = resolveCommand(file, (plain.env ?? process.env)['PATH'], cwd);
  const onDisk = writeLauncher(built.image);
  let theirs: number | undefined;
  let supervisor: Supervisor | undefined;
  let child: ChildProcess;
  try {
    if (onDenial !== undefined) {
      // Before the command: without a supervisor it must not run. When it does not start, the supervisor ends with
      // the socket's other end.
      const [ours, other] = socketPair();
      theirs = other;
      supervisor = startSupervisor({
        filter: encode(program, 'little'),
        socket: ours,
        shapes: argumentShapes(machine),
        launcher: onDisk.path,
        onDenial,
        onLost: (error) => process.emitWarning(error.message, 'CallgateWarning'),
      });
    }
    child = spawnWritten(onDisk.path, [argv0 ?? file, ...argv], {
      ...plain,
      // The launcher takes the file to execute as argv[0], and the rest as that file's arguments.
      argv0: path,
      stdio: [...stdio, 'pipe', ...(theirs === undefined ? [] : [theirs])],
    });
  } finally {
    if (theirs !== undefined) closeSync(theirs);
    onDisk.remove();
  }
  child.once('exit', () => supervisor?.flush());
  // What a caller logs should be the command, not its launcher.
  Object.assign(child, { spawnfile: file, spawnargs: [argv0 ?? file, ...argv] });

  let failure: LaunchFailure | undefined;
  const report: Buffer[] = [];
  const status = child.stdio[statusFd] as Readable | undefined;
  status?.on('data', (chunk: Buffer) => {
    report.push(chunk);
    const all = Buffer.concat(report);
    if (failure !== undefined || all.length < REPORT_BYTES) return;
    failure = decodeFailure(built, all);
    child.emit('error', launchError(file, failure));
  });
  status?.on('error', () => {});
  // The caller sees the streams that it asked for.
  (child.stdio as unknown[]).length = statusFd;
  return { child, supervisor, credentials, failure: () => failure };
}

function toProgram(filter: Program | Uint8Array): Program {
  const program = filter instanceof Uint8Array ? decode(filter, 'little') : filter;
  const verdict = check(program);
  if (verdict.ok) return program;
  const where = verdict.instruction < 0 ? '' : `instruction ${verdict.instruction}: `;
  throw new CallgateError('INPUT', `the kernel would refuse this filter: ${where}${verdict.reason}`);
}

function flagBits(flags: readonly ('LOG' | 'SPEC_ALLOW' | 'TSYNC')[]): number {
  return (
    (flags.includes('LOG') ? SECCOMP_FILTER_FLAG_LOG : 0) |
    (flags.includes('SPEC_ALLOW') ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0)
  );
}

function requireUserNotification(): void {
  if (hasUserNotification()) return;
  throw new CallgateError('HOST', 'this kernel cannot report denied calls (no SECCOMP_RET_USER_NOTIF)', {
    expected: 'Linux 5.0 or newer with CONFIG_SECCOMP_FILTER',
    hint: 'run without a report of the denials: the kernel enforces the filter all the same',
  });
}

/** As node:child_process puts a command line together on Unix. */
function withShell(
  command: string,
  args: readonly string[],
  shell: SpawnOptions['shell'],
): readonly [string, readonly string[]] {
  if (shell === undefined || shell === false) return [command, args];
  return [typeof shell === 'string' ? shell : '/bin/sh', ['-c', [command, ...args].join(' ')]];
}

type StdioEntry = Exclude<StdioOptions, string>[number];

function normalStdio(stdio: StdioOptions | undefined): StdioEntry[] {
  const list: StdioEntry[] = Array.isArray(stdio) ? [...stdio] : Array.from({ length: 3 }, () => stdio);
  while (list.length < 3) list.push(undefined);
  return list;
}

const ATTEMPTS = 20;

/**
 * A process that another thread is just forking may hold the launcher's file open for writing until its own execve;
 * ours fails with ETXTBSY then.
 */
function spawnWritten(path: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  for (let attempt = 1; ; attempt++) {
    try {
      return spawnPlain(path, args, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ETXTBSY' || attempt === ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attempt);
    }
  }
}

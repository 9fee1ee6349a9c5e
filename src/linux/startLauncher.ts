import {
  type ChildProcess,
  type SpawnOptions,
  type StdioOptions,
  spawn as spawnPlain,
} from 'node:child_process';
import { closeSync, readSync } from 'node:fs';
import { CallgateError } from '../error.js';
import { launcher } from './launcher.js';
import { type LauncherFile, writeLauncher } from './launcherFile.js';
import { decodeFailure, type LaunchFailure, launchError, REPORT_BYTES } from './launchFailure.js';
import { hostMachine } from './machine.js';
import { resolveCommand } from './resolveCommand.js';
import { closeOnExec, type Script } from './script.js';

/** What a launcher does before it executes the command. */
export interface LauncherParts {
  /** `firstFd`: where the fds of `open` begin in the launcher, one after the other. */
  readonly steps: (firstFd: number) => Script;
  /** Gives fds for the launcher, when all else is ready; they are closed here as soon as the launcher has them. */
  readonly open: (launcherPath: string) => readonly number[];
}

/** A started command. */
export interface StartedCommand {
  readonly child: ChildProcess;
  /** Known when the child has exited. */
  readonly failure: () => LaunchFailure | undefined;
}

/**
 * Starts a launcher that takes some steps and then becomes the command, with Node's streams, signals and exit code.
 * When a step fails, the child emits 'error' with a CallgateError and exits with 125, 126 or 127.
 *
 * @param options without uid and gid, which are steps of a launcher
 * @throws {CallgateError} HOST when this machine or process cannot do what is asked
 */
export function startLauncher(
  command: string,
  args: readonly string[],
  { shell, argv0, ...plain }: SpawnOptions,
  parts: LauncherParts,
): StartedCommand {
  const [file, argv] = withShell(command, args, shell);
  const stdio = normalStdio(plain.stdio);
  const statusFd = stdio.length;
  const built = launcher(hostMachine(), [closeOnExec(statusFd), ...parts.steps(statusFd + 1)], statusFd);
  const cwd = plain.cwd === undefined ? process.cwd() : plain.cwd.toString();
  const path = resolveCommand(file, (plain.env ?? process.env)['PATH'], cwd);
  const onDisk = writeLauncher(built.image);
  let report: number | undefined;
  let fds: readonly number[] = [];
  let child: ChildProcess;
  try {
    report = openReport(onDisk);
    fds = parts.open(onDisk.path);
    child = spawnWritten(onDisk.path, [argv0 ?? file, ...argv], {
      ...plain,
      // The launcher takes the file to execute as argv[0], and the rest as that file's arguments.
      argv0: path,
      stdio: [...stdio, report, ...fds],
    });
  } catch (error) {
    if (report !== undefined) closeSync(report);
    throw error;
  } finally {
    for (const fd of fds) closeSync(fd);
    onDisk.remove();
  }
  // What a caller logs should be the command, not its launcher.
  Object.assign(child, { spawnfile: file, spawnargs: [argv0 ?? file, ...argv] });

  let failure: LaunchFailure | undefined;
  const readReport = (fd: number): void => {
    const bytes = new Uint8Array(REPORT_BYTES);
    readSync(fd, bytes, 0, bytes.length, 0);
    closeSync(fd);
    if (bytes.every((byte) => byte === 0)) return;
    failure = decodeFailure(built, bytes);
    child.emit('error', launchError(file, failure));
  };
  // Without a process there is no 'exit'.
  if (child.pid === undefined) closeSync(report);
  else child.once('exit', () => readReport(report));
  // The caller sees the streams that it asked for. Without file descriptors Node makes none, and says so by 'error' alone.
  const streams = child.stdio as unknown[] | undefined;
  if (streams !== undefined) streams.length = statusFd;
  return { child, failure: () => failure };
}

/**
 * What the launcher reports goes into a file: for a pipe Node makes a stream, which takes a third of the time that a
 * launcher costs.
 * @throws {CallgateError} HOST
 */
function openReport(launcherFile: LauncherFile): number {
  try {
    return launcherFile.openReport(REPORT_BYTES);
  } catch (cause) {
    throw new CallgateError('HOST', 'there is no room for the report of the launcher', { cause });
  }
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
export function spawnWritten(path: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  for (let attempt = 1; ; attempt++) {
    try {
      return spawnPlain(path, args, options);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ETXTBSY' || attempt === ATTEMPTS) {
        throw new CallgateError('HOST', `the launcher cannot be started: ${code ?? message}`, {
          cause: error,
        });
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attempt);
    }
  }
}

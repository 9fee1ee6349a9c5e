import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { CallgateError } from '../error.js';
import type { Denial } from './denial.js';
import { type LaunchFailure, launchError } from './launchFailure.js';
import { type FilteredSpawnOptions, launch } from './spawn.js';
import { EXIT_LAUNCHER } from './table.js';

export interface RunResult {
  /** The command's own exit code, 128+n when signal n ended it; 125, 126 or 127 when it was not started. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
  /** Empty without `onDenial`. */
  readonly denials: readonly Denial[];
  /** Denied calls beyond the kinds that are kept apart in `denials`. */
  readonly unlisted: number;
  /** The supervisor died: from then on denied calls got ENOSYS, and are not in `denials`. */
  readonly supervisorLost: boolean;
  /** Why the command was not started. */
  readonly error: CallgateError | undefined;
  /** Capabilities that were asked for and that this process could not pass on. */
  readonly missingCapabilities: readonly string[];
  readonly noNewPrivileges: boolean;
}

/** Passed on to the command; a terminal's own signals reach it without our help. */
const FORWARDED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

/**
 * Runs a command under a filter to its end, with this process's terminal and streams unless `stdio` says otherwise.
 * Signals to this process go to the command, which decides what they mean.
 *
 * Returns when the command itself has ended. Processes that it left behind stay under the filter: what is allowed
 * stays allowed, and their denied calls get the right errno as long as this process lives, ENOSYS after that.
 *
 * @throws {CallgateError} as spawn(), before anything was started. A command that cannot be executed is a result.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: FilteredSpawnOptions,
): Promise<RunResult> {
  // Before the command can run: it may be the one that sends a signal, and this process must not die of it.
  const forwarding = forwardSignals();
  try {
    const { child, supervisor, credentials, failure } = launch(command, args, {
      stdio: 'inherit',
      ...options,
    });
    forwarding.to((signal) => child.kill(signal));
    return await new Promise<RunResult>((resolve) => {
      let error: CallgateError | undefined;
      child.on('error', (reason: Error) => {
        error = asCallgateError(command, reason);
        // Without a process there is no 'close' event.
        if (child.pid === undefined) finish(EXIT_LAUNCHER, null);
      });
      const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
        const failed: LaunchFailure | undefined = failure();
        const ended = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
        resolve({
          exitCode: failed?.exitCode ?? ended,
          signal: signal ?? undefined,
          denials: supervisor?.denials() ?? [],
          unlisted: supervisor?.unlisted() ?? 0,
          supervisorLost: supervisor?.lost() ?? false,
          error: failed === undefined ? error : launchError(command, failed),
          missingCapabilities: credentials.missing,
          noNewPrivileges: credentials.noNewPrivileges,
        });
      };
      child.on('close', finish);
    });
  } finally {
    forwarding.stop();
  }
}

function asCallgateError(command: string, reason: Error): CallgateError {
  if (reason instanceof CallgateError) return reason;
  return new CallgateError('HOST', `cannot start ${command}: ${reason.message}`, { cause: reason });
}

interface Forwarding {
  /** Signals go here from now on, those that have come already first. */
  readonly to: (send: (signal: NodeJS.Signals) => void) => void;
  readonly stop: () => void;
}

function forwardSignals(): Forwarding {
  const early: NodeJS.Signals[] = [];
  let deliver = (signal: NodeJS.Signals): void => {
    early.push(signal);
  };
  const listener = (signal: NodeJS.Signals): void => {
    if (FROM_TERMINAL.has(signal) && inForeground()) return;
    deliver(signal);
  };
  for (const signal of FORWARDED) process.on(signal, listener);
  return {
    to: (send) => {
      deliver = send;
      for (const signal of early) send(signal);
    },
    stop: () => {
      for (const signal of FORWARDED) process.removeListener(signal, listener);
    },
  };
}

/**
 * True when this process is in its terminal's foreground group. The command is in the same group then, and the
 * terminal has sent it the signal already; a second one would end programs that ask "press again to quit".
 */
function inForeground(): boolean {
  try {
    // proc_pid_stat(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[4] !== '0' && fields[2] === fields[5];
  } catch {
    return false;
  }
}

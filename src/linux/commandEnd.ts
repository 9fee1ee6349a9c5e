import { constants } from 'node:os';
import { CallgateError } from '../error.js';
import { launchError } from './launchFailure.js';
import type { StartedCommand } from './startLauncher.js';
import { EXIT_LAUNCHER } from './table.js';

/** How a command ended. */
export interface CommandEnd {
  /** The command's own exit code, 128+n when signal n ended it; 125, 126 or 127 when it was not started. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
  /** Why the command was not started. */
  readonly error: CallgateError | undefined;
}

/** Waits until the command has ended and its streams have closed. Never rejects. */
export function commandEnd(command: string, { child, failure }: StartedCommand): Promise<CommandEnd> {
  return new Promise((resolve) => {
    let error: CallgateError | undefined;
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      const failed = failure();
      const ended = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      resolve({
        exitCode: failed?.exitCode ?? ended,
        signal: signal ?? undefined,
        error: failed === undefined ? error : launchError(command, failed),
      });
    };
    child.on('error', (reason: Error) => {
      error = asCallgateError(command, reason);
      // Without a process there is no 'close' event.
      if (child.pid === undefined) finish(EXIT_LAUNCHER, null);
    });
    child.on('close', finish);
  });
}

function asCallgateError(command: string, reason: Error): CallgateError {
  if (reason instanceof CallgateError) return reason;
  return new CallgateError('HOST', `cannot start ${command}: ${reason.message}`, { cause: reason });
}

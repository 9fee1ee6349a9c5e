import { CallgateError } from '../error.js';
import type { Io } from './io.js';
import { printError } from './printError.js';

/**
 * Prints a foreseen failure and gives its exit code: 2, or 125 where callgate stands in the place of another command
 * and this host does not let it do so. Anything else is thrown on.
 */
export function failure(error: unknown, verb: string | undefined, io: Io): number {
  if (!(error instanceof CallgateError)) throw error;
  io.err(printError(error));
  return (verb === 'run' || verb === 'record') && error.code === 'HOST' ? 125 : 2;
}

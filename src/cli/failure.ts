import { CallgateError } from '../error.js';
import type { Io } from './io/io.js';
import { printError } from './printError.js';

/**
 * Prints a foreseen failure and gives its exit code: 2, or 125 where callgate stands in the place of another command
 * and this host does not let it do so. Anything else is thrown on.
 */
export function failure(error: unknown, verb: string | undefined, io: Io): number {
  const foreseen = error instanceof CallgateError ? error : exhausted(error);
  if (foreseen === undefined) throw error;
  io.err(printError(foreseen));
  return (verb === 'run' || verb === 'record') && foreseen.code === 'HOST' ? 125 : 2;
}

/** Of a file that could not be opened, a module of this program's own among them, for want of file descriptors. */
function exhausted(error: unknown): CallgateError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code !== 'EMFILE' && error.code !== 'ENFILE') return undefined;
  return new CallgateError('HOST', `too many open files (${error.code})`, {
    hint: error.code === 'EMFILE' ? 'raise the limit: ulimit -n' : 'the whole machine has no more of them',
    cause: error,
  });
}

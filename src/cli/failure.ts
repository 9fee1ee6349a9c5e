import { CallgateError } from '../error.js';
import { scarcity } from '../linux/host/scarcity.js';
import type { Io } from './io/io.js';
import { printError } from './printError.js';

/**
 * Prints a foreseen failure and gives its exit code: 2, or 125 where callgate stands in the place of a command and this
 * host does not let it do so. Anything else is thrown on.
 */
export function failure(error: unknown, verb: string | undefined, io: Io): number {
  const known = foreseen(error);
  if (known === undefined) throw error;
  io.err(printError(known));
  return (verb === 'run' || verb === 'record') && known.code === 'HOST' ? 125 : 2;
}

/** Prints any failure, where the exit code is not its own: a command's that has ended. */
export function tellFailure(error: unknown, io: Io): void {
  const known = foreseen(error);
  io.err(known === undefined ? `${(error as Error).stack}\n` : printError(known));
}

function foreseen(error: unknown): CallgateError | undefined {
  return error instanceof CallgateError ? error : (exhausted(error) ?? nowhere(error));
}

/** Of a process whose working directory was removed. */
function nowhere(error: unknown): CallgateError | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'uv_cwd') return undefined;
  return new CallgateError('HOST', 'the working directory is not there any more', { cause: error });
}

/** Of a file that could not be opened, a module of this program's own among them, for want of file descriptors. */
function exhausted(error: unknown): CallgateError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  // Node takes a package whose package.json it cannot open for one that is not there.
  const code = error.code === 'ERR_MODULE_NOT_FOUND' && scarcity().files ? 'EMFILE' : error.code;
  if (code !== 'EMFILE' && code !== 'ENFILE') return undefined;
  return new CallgateError('HOST', `too many open files (${code})`, {
    hint: code === 'EMFILE' ? 'raise the limit: ulimit -n' : 'the whole machine has no more of them',
    cause: error,
  });
}

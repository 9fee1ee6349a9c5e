import { chmodSync, closeSync, linkSync, lstatSync, mkdirSync, type Stats, unlinkSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { CallgateError } from '../../error.js';
import { type Libc, libc } from '../ffi.js';
import { bindUnix, isListening, MOST_PATH_BYTES } from './unixSocket.js';

/** A socket that listens. */
export interface AgentSocket {
  readonly fd: number;
  readonly path: string;
  /** Takes the path away, unless another agent has it by now; gives why that failed. The fd is its owner's to close. */
  readonly unlink: () => string | undefined;
}

/** Runtimes wait while the agent is busy: more connections than start at one moment. */
const BACKLOG = 1024;

/**
 * Listens at a path. Whoever connects there decides what containers are told, so the directory must be one in which
 * nobody else can put another socket, and the socket is for its owner alone. One that a dead agent has left is replaced.
 *
 * @throws {CallgateError} USAGE for a path that cannot be a socket's; HOST when another agent listens there, or the
 *   directory is not safe
 */
export function openAgentSocket(path: string): AgentSocket {
  const uid = process.geteuid?.() ?? -1;
  if (!isAbsolute(path)) throw new CallgateError('USAGE', `${path}: a listener's path must be absolute`);
  const directory = dirname(path);
  // Bound under another name first, so that the path never leads to a socket on which nobody listens.
  const beside = join(directory, `.${process.pid}`);
  const longest = Math.max(Buffer.byteLength(path), Buffer.byteLength(beside));
  if (longest > MOST_PATH_BYTES)
    throw new CallgateError('USAGE', `${path} is too long for a socket`, {
      expected: `${MOST_PATH_BYTES} bytes`,
    });
  try {
    ownDirectory(directory, uid);
    const c = libc();
    removeStale(c, path, uid);
    rmIfThere(beside);
    return listening(c, path, beside);
  } catch (error) {
    if (error instanceof CallgateError) throw error;
    throw new CallgateError('HOST', `cannot listen on ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function ownDirectory(directory: string, uid: number): void {
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
  // The process's umask may have taken rights of the owner.
  if (made !== undefined) chmodSync(directory, 0o700);
  const stats = lstatSync(directory);
  const others = stats.mode & 0o022;
  if (stats.isDirectory() && (stats.uid === uid || stats.uid === 0) && others === 0) return;
  throw new CallgateError('HOST', `${directory} is not safe for a listener's socket`, {
    hint: 'others could put a socket of their own there: take a directory of your own that nobody else can write to',
  });
}

function removeStale(c: Libc, path: string, uid: number): void {
  const stats = statIfThere(path);
  if (stats === undefined) return;
  if (!stats.isSocket() || stats.uid !== uid)
    throw new CallgateError('HOST', `${path} is there and is no agent's socket of this user`);
  const listening = isListening(c, path);
  if (listening < 0) throw failed('socket', -listening);
  if (listening === 1)
    throw new CallgateError('HOST', `another agent listens on ${path}`, {
      hint: 'end it first, or take another path: --listener-path, here and in callgate extend --watch',
    });
  rmIfThere(path);
}

function listening(c: Libc, path: string, beside: string): AgentSocket {
  const fd = bindUnix(c, beside);
  if (fd < 0) throw failed('bind', -fd);
  try {
    chmodSync(beside, 0o600);
    if (c.listen(fd, BACKLOG) !== 0) throw failed('listen', c.errno());
    const { ino } = lstatSync(beside);
    // Unlike rename(2) this fails when another agent was faster.
    linkSync(beside, path);
    return {
      fd,
      path,
      unlink: () => {
        try {
          if (statIfThere(path)?.ino === ino) rmIfThere(path);
          return undefined;
        } catch (error) {
          return (error as Error).message;
        }
      },
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  } finally {
    try {
      rmIfThere(beside);
    } catch {
      // One more name of the same socket harms nobody.
    }
  }
}

const failed = (call: string, errno: number): Error => new Error(`${call}: ${getSystemErrorName(-errno)}`);

function statIfThere(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function rmIfThere(path: string): void {
  if (statIfThere(path) !== undefined) unlinkSync(path);
}

import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CallgateError } from '../../error.js';
import { reason } from './reason.js';

const STDOUT = 1;
const STDERR = 2;
/** Milliseconds between two tries to write to a pipe that is full. */
const PAUSE = 2;

let unread = false;

/** Whether standard output was a pipe whose reader has gone. */
export function isUnread(): boolean {
  return unread;
}

/** Results. Without a reader they are not wanted; on a full disk they are lost. @throws {CallgateError} HOST */
export function writeOut(content: string | Uint8Array): void {
  try {
    writeAll(STDOUT, content);
  } catch (error) {
    unread = (error as NodeJS.ErrnoException).code === 'EPIPE';
    if (unread) return;
    throw new CallgateError('HOST', `cannot write standard output: ${reason(error)}`, { cause: error });
  }
}

/** What is told beside results. That nobody hears it (a full disk, a terminal that hung up) changes no exit code. */
export function writeErr(text: string): void {
  try {
    writeAll(STDERR, text);
  } catch {
    // There is nowhere to say so.
  }
}

/** Synchronous, so that nothing is lost when the process ends; a pipe that is full (EAGAIN) is tried again. */
function writeAll(fd: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}

const isStdout = (path: string): boolean => path === '-' || path === '/dev/stdout';

/** Devices, pipes, and what /dev/fd names: renaming would put a file in their place. */
function isInPlace(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isDirectory() && (!stat.isFile() || /^\/(dev|proc)\//.test(path));
}

/** Writes beside the file and renames, so that it is never half-written. @throws {CallgateError} HOST */
export function writeFile(path: string, content: string | Uint8Array, mode = 0o666): void {
  if (isStdout(path)) return writeOut(content);
  try {
    if (isInPlace(path)) {
      // A pipe without a reader is an error, not waited for.
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      try {
        writeAll(fd, content);
      } finally {
        closeSync(fd);
      }
    } else writeBeside(path, content, mode);
  } catch (error) {
    throw new CallgateError('HOST', `cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

function writeBeside(path: string, content: string | Uint8Array, mode: number): void {
  // It may be guessed: a file that is there already is not opened. (node:crypto takes 4 ms to load.)
  const beside = join(dirname(path), `.${basename(path)}.${Math.random().toString(36).slice(2)}`);
  const fd = openSync(beside, 'wx', mode);
  try {
    try {
      writeAll(fd, content);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
  } catch (error) {
    unlinkSync(beside);
    throw error;
  }
}

/**
 * That a file can be written when a command has ended: an hour's run is not to be lost to a missing directory.
 *
 * @throws {CallgateError} HOST
 */
export function requireWritable(path: string): void {
  if (isStdout(path)) return;
  try {
    if (isInPlace(path)) return accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw new CallgateError('HOST', `cannot write ${path}: ${reason(error)}`, { cause: error });
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new CallgateError('HOST', `cannot write ${path}: it is a directory`);
  }
}

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CallgateError } from '../../error.js';
import { readInput } from './input.js';
import { reason } from './reason.js';

/** What a verb may touch of the world; tests hand in their own. */
export interface Io {
  /** Results. */
  readonly out: (text: string) => void;
  /** Everything else: notes, progress, errors. */
  readonly err: (text: string) => void;
  /** A whole file; `-` is standard input. */
  readonly read: (path: string) => Uint8Array;
  /** Writes beside the target and renames, so that a file is never half-written; `mode` is 0666 unless it is given. */
  readonly write: (path: string, content: string | Uint8Array, mode?: number) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether results go to a terminal that shows colour. */
  readonly colour: boolean;
  readonly columns: number;
}

/** The process's own world. */
export function processIo(): Io {
  return {
    out: (text) => void writeAll(1, text),
    err: (text) => void writeAll(2, text),
    read: readInput,
    write: writeAtomically,
    env: process.env,
    // Node makes a stream of standard output when it is first looked at, which takes a while.
    get colour() {
      return wantsColour(process.env, process.stdout.isTTY === true);
    },
    get columns() {
      return process.stdout.columns ?? 100;
    },
  };
}

function wantsColour(env: Io['env'], terminal: boolean): boolean {
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return true;
  return terminal && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb';
}

/** Synchronous, so that nothing is lost when the process ends; a pipe that is full (EAGAIN) is tried again. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function writeAtomically(path: string, content: string | Uint8Array, mode = 0o666): void {
  if (path === '/dev/stdout' || path === '-') {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done);
    return;
  }
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    const fd = openSync(beside, 'wx', mode);
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
  } catch (error) {
    try {
      unlinkSync(beside);
    } catch {
      // It was never made, or has its final name already.
    }
    throw new CallgateError('HOST', `cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

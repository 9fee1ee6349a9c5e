import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CallgateError } from '../../error.js';
import { reason } from './reason.js';

/** No profile, report, log line or list of calls that a person keeps is larger. */
export const MOST_BYTES = 256 * 1024 * 1024;

/** Milliseconds after which a named pipe that nobody writes to is given up. */
const PATIENCE = 5000;
/** Milliseconds between two looks at a pipe that is empty. */
const PAUSE = 20;
const PIECE = 1 << 16;

/** A file that is open, or standard input. */
export interface Input {
  /** Of a regular file. */
  readonly size: number | undefined;
  /** Fills the buffer's beginning, and returns how much of it; 0 at the end. Waits for what a pipe's writer writes. */
  readonly read: (buffer: Uint8Array) => number;
  readonly close: () => void;
}

/** Opens a file, or standard input for `-`. A named pipe is not waited for as long as open(2) does. */
export function openInput(path: string): Input {
  const isStandard = path === '-';
  const fd = isStandard ? 0 : openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = fstatSync(fd);
  // Read without blocking, a pipe is at its end also when no writer has come yet.
  let awaited = !isStandard && stat.isFIFO() ? PATIENCE : 0;
  return {
    size: stat.isFile() ? stat.size : undefined,
    read: (buffer) => {
      for (;;) {
        const count = readSome(fd, buffer);
        if (count === 0 && awaited > 0) {
          awaited -= PAUSE;
          if (awaited === 0) throw nobodyWrites(path);
        } else {
          // A writer is or was there.
          awaited = 0;
          if (count !== undefined) return count;
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
      }
    },
    close: () => {
      if (!isStandard) closeSync(fd);
    },
  };
}

/** Undefined while there is nothing to be read; whoever shares standard input can have made it non-blocking, too. */
function readSome(fd: number, buffer: Uint8Array): number | undefined {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EOF') return 0;
    if (code !== 'EAGAIN') throw error;
    return undefined;
  }
}

/**
 * A whole file, or standard input for `-`.
 *
 * @throws CallgateError `INPUT` for one that cannot be read, is too large or without an end
 */
export function readInput(path: string): Uint8Array {
  const name = path === '-' ? 'standard input' : path;
  try {
    const input = openInput(path);
    try {
      if ((input.size ?? 0) > MOST_BYTES) throw tooLarge(name, input.size);
      const full: Uint8Array[] = [];
      // One byte more than there should be, so that the end shows in the first piece.
      let piece = Buffer.allocUnsafe(Math.max((input.size ?? 0) + 1, PIECE));
      let [filled, length] = [0, 0];
      for (let count = -1; count !== 0; filled += count, length += count) {
        if (length > MOST_BYTES) throw tooLarge(name);
        if (filled === piece.length) {
          full.push(piece);
          piece = Buffer.allocUnsafe(PIECE);
          filled = 0;
        }
        count = input.read(piece.subarray(filled));
      }
      const last = piece.subarray(0, filled);
      return full.length === 0 ? last : Buffer.concat([...full, last], length);
    } finally {
      input.close();
    }
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** What a failure to read says; one that says it already stays. */
export function unreadable(name: string, error: unknown): CallgateError {
  if (error instanceof CallgateError) return error;
  return new CallgateError('INPUT', `cannot read ${name}: ${reason(error)}`, { cause: error });
}

function tooLarge(name: string, size?: number): CallgateError {
  const much = size === undefined ? 'more than callgate reads' : `${size} bytes are more than callgate reads`;
  return new CallgateError('INPUT', `${name}: ${much}`, { expected: `at most ${MOST_BYTES} bytes` });
}

function nobodyWrites(path: string): CallgateError {
  return new CallgateError('INPUT', `${path}: nobody writes to this pipe`, {
    hint: `a pipe needs a writer within ${PATIENCE / 1000} s`,
  });
}

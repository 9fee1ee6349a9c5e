import { openInput, unreadable } from './input.js';

const SIZE = 1 << 18;

/**
 * The bytes of a file, or of standard input for `-`, piece by piece; a pipe's pieces come as they are written. A piece is
 * only good until the next one is asked for.
 *
 * @throws CallgateError `INPUT` for one that cannot be read
 */
export function* chunks(path: string): Generator<Uint8Array> {
  const input = reading(path, () => openInput(path));
  const buffer = Buffer.allocUnsafe(SIZE);
  try {
    for (;;) {
      const count = reading(path, () => input.read(buffer));
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    input.close();
  }
}

/** What is done with the pieces may fail as well, and says so itself. */
function reading<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw unreadable(path === '-' ? 'standard input' : path, error);
  }
}

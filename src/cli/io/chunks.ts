import { closeSync, openSync, readSync } from 'node:fs';

const SIZE = 1 << 18;

/**
 * The bytes of a file, or of standard input for `-`, piece by piece; a pipe's pieces come as they are written. A piece is
 * only good until the next one is asked for.
 */
export function* chunks(path: string): Generator<Uint8Array> {
  const fd = path === '-' ? 0 : openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(SIZE);
  try {
    for (;;) {
      const count = readSome(fd, buffer);
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}

/** Whoever shares standard input can have made it non-blocking. */
function readSome(fd: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, buffer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

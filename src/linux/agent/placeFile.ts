import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Containers' runtimes read profiles as other users. */
const MODE = 0o644;

/**
 * Writes beside the place, syncs and renames, so that a reader finds the old file or the new one, wherever the writer dies.
 *
 * @param part name beside it, always the same, so that the next run sweeps what a killed one has left
 */
export function placeFile(path: string, part: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  rmSync(part, { force: true });
  try {
    const fd = openSync(part, 'wx', MODE);
    try {
      for (let done = 0; done < content.length; ) done += writeSync(fd, content, done);
      // The process's umask may have taken rights away.
      fchmodSync(fd, MODE);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Undefined when there is none. */
export function contentOf(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

export function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}

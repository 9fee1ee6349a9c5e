import { closeSync } from 'node:fs';

/** Closes a file. What close(2) says may be an error of the file's own; its number is free in any case. */
export function closeFd(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // There is nothing left to do.
  }
}

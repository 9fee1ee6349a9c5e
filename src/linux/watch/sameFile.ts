import type { Libc } from '../ffi.js';

/** Whether two fds of this process are one open file (kcmp(2)); false where the kernel does not tell. */
export function sameFile(c: Libc, one: number, other: number): boolean {
  return c.kcmpFile(process.pid, one, other) === 0;
}

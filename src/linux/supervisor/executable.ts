import type { Libc } from '../ffi.js';

/** PATH_MAX of include/uapi/linux/limits.h; a longer path is not given (fs/proc/base.c: do_proc_readlink). */
const PATH_MAX = 4096;

const decoder = new TextDecoder();

/** Reads which program a process executes, as /proc/PID/exe shows it; mostly it is the same as for the call before. */
export function executableReader(c: Libc): (pid: number) => string | undefined {
  const target = new Uint8Array(PATH_MAX);
  let last = new Uint8Array(0);
  let text = '';
  let lastPid = 0;
  let path = new Uint8Array(0);
  return (pid) => {
    if (pid !== lastPid) {
      path = new TextEncoder().encode(`/proc/${pid}/exe\0`);
      lastPid = pid;
    }
    const length = c.readlink(path, target, PATH_MAX);
    if (length < 0) return undefined;
    if (!isSame(target, last, length)) {
      last = target.slice(0, length);
      text = decoder.decode(last);
    }
    return text;
  };
}

function isSame(found: Uint8Array, last: Uint8Array, length: number): boolean {
  if (last.length !== length) return false;
  for (let index = 0; index < length; index++) if (found[index] !== last[index]) return false;
  return true;
}

import { CallgateError } from '../error.js';
import { errnoName } from '../syscalls/constants.js';
import { EPERM, ESRCH, PTRACE_DETACH, PTRACE_INTERRUPT, PTRACE_SEIZE, WALL, WNOHANG } from './constants.js';
import type { Libc } from './ffi.js';

/** A task in an uninterruptible sleep does not stop before that ends. */
const PATIENCE = 2000;
const PAUSE = 0.2;

/**
 * Runs `action` while a task is stopped, and lets it go on afterwards. Nothing of the task's own is lost: a signal that
 * stopped it before we could is delivered, and a task that was stopped stays so.
 *
 * It is done in one go, without the event loop: libuv waits for its children too, and would take the stop of one for
 * its end. Should this process die meanwhile, the kernel lets the task go (PTRACE_SEIZE without PTRACE_O_EXITKILL).
 *
 * @throws {CallgateError} HOST when the task cannot be stopped
 */
export function whileStopped<T>(c: Libc, pid: number, action: () => T): T {
  if (c.ptrace(PTRACE_SEIZE, pid, 0, 0) < 0) throw seizeError(pid, c.errno());
  let signal: number | undefined;
  try {
    c.ptrace(PTRACE_INTERRUPT, pid, 0, 0);
    signal = waitForStop(c, pid);
    return action();
  } finally {
    if (signal === undefined) detachLater(c, pid);
    else c.ptrace(PTRACE_DETACH, pid, 0, signal);
  }
}

/** The signal that is to be delivered when the task goes on; 0 for none. */
function waitForStop(c: Libc, pid: number): number {
  const status = new Int32Array(1);
  const bytes = new Uint8Array(status.buffer);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const got = c.waitpid(pid, bytes, WALL | WNOHANG);
    if (got === pid) return signalOf(pid, status[0] ?? 0);
    if (got < 0) throw new CallgateError('HOST', `process ${pid} ended before it could be looked at`);
    if (performance.now() > deadline) {
      throw new CallgateError('HOST', `process ${pid} does not stop, so that it cannot be looked at`, {
        hint: 'it waits for a device or a vfork child, or is frozen (docker pause)',
      });
    }
    Atomics.wait(pause, 0, 0, PAUSE);
  }
}

/** wait(2): a stop has 0x7f in the low byte and the signal above; above that stands the ptrace event. */
function signalOf(pid: number, status: number): number {
  if ((status & 0xff) !== 0x7f)
    throw new CallgateError('HOST', `process ${pid} ended before it could be looked at`);
  const event = status >> 16;
  return event === 0 ? (status >> 8) & 0xff : 0;
}

/** A task that has not stopped can be let go only when it has. */
function detachLater(c: Libc, pid: number): void {
  const timer = setInterval(() => {
    const status = new Int32Array(1);
    const got = c.waitpid(pid, new Uint8Array(status.buffer), WALL | WNOHANG);
    if (got === 0) return;
    clearInterval(timer);
    if (got === pid && ((status[0] ?? 0) & 0xff) === 0x7f)
      c.ptrace(PTRACE_DETACH, pid, 0, signalOf(pid, status[0] ?? 0));
  }, 50);
  timer.unref();
}

function seizeError(pid: number, errno: number): CallgateError {
  switch (errno) {
    case ESRCH:
      return new CallgateError('HOST', `there is no process ${pid}, or it is a zombie`);
    case EPERM:
      return new CallgateError('HOST', `process ${pid} may not be traced`, {
        hint:
          pid === process.pid
            ? 'it is callgate itself'
            : 'a kernel thread, init, or forbidden by kernel.yama.ptrace_scope or a security module',
      });
    default:
      return new CallgateError(
        'HOST',
        `process ${pid} cannot be traced: ${errnoName(errno, 'x86_64') ?? `errno ${errno}`}`,
      );
  }
}

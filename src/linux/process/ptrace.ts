import { readFileSync } from 'node:fs';
import { CallgateError } from '../../error.js';
import { errnoName } from '../../syscalls/constants.js';
import {
  EPERM,
  ESRCH,
  P_PID,
  PTRACE_DETACH,
  PTRACE_INTERRUPT,
  PTRACE_SEIZE,
  WALL,
  WEXITED,
  WNOHANG,
  WNOWAIT,
  WSTOPPED,
} from '../constants.js';
import type { Libc } from '../ffi.js';

/** A task in an uninterruptible sleep does not stop before that ends. */
const PATIENCE = 2000;
const PAUSE = 0.2;

/** Places in siginfo_t of 64-bit machines. */
const [SI_CODE, SI_PID, SI_STATUS] = [8, 16, 24];

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
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const stop = poll(c, pid);
    if (stop === 'ended')
      throw new CallgateError('HOST', `process ${pid} ended before it could be looked at`);
    if (stop !== undefined) return stop;
    if (performance.now() > deadline) {
      throw new CallgateError('HOST', `process ${pid} does not stop, so that it cannot be looked at`, {
        hint: 'it waits for a device or a vfork child, or is frozen (docker pause)',
      });
    }
    Atomics.wait(pause, 0, 0, PAUSE);
  }
}

/** siginfo_t of waitid(2): si_code of a child that exited, was killed, or dumped core is at most this. */
const CLD_DUMPED = 3;

/** The signal of a task that has stopped (0: none that it should get); undefined while it runs. */
function poll(c: Libc, pid: number): number | 'ended' | undefined {
  const info = new Uint8Array(128);
  const view = new DataView(info.buffer);
  if (c.waitid(P_PID, pid, info, WSTOPPED | WEXITED | WNOWAIT | WNOHANG | WALL) < 0) return 'ended';
  if (view.getInt32(SI_PID, true) !== pid) return undefined;
  if (view.getInt32(SI_CODE, true) <= CLD_DUMPED) {
    // The end of a child of ours is for Node to see; of others the kernel tells their parent only after we have seen it.
    if (parentOf(pid) !== process.pid) c.waitid(P_PID, pid, info, WEXITED | WNOHANG | WALL);
    return 'ended';
  }
  c.waitid(P_PID, pid, info, WSTOPPED | WNOHANG | WALL);
  // The signal, and the ptrace event above it. An event is no signal of the task's own.
  const status = view.getInt32(SI_STATUS, true);
  return status >> 8 === 0 ? status : 0;
}

function parentOf(pid: number): number | undefined {
  try {
    const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return parent === undefined ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

/** A task that has not stopped can be let go only when it has. */
function detachLater(c: Libc, pid: number): void {
  const timer = setInterval(() => {
    const stop = poll(c, pid);
    if (stop === undefined) return;
    clearInterval(timer);
    if (stop !== 'ended') c.ptrace(PTRACE_DETACH, pid, 0, stop);
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

import { getSystemErrorName } from 'node:util';
import {
  EINTR,
  ENOENT,
  ENOSYS,
  ENOTCONN,
  MAX_ERRNO,
  SECCOMP_GET_NOTIF_SIZES,
  SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
  SECCOMP_IOCTL_NOTIF_SET_FLAGS,
  SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
} from '../constants.js';
import type { Libc } from '../ffi.js';

/** struct seccomp_notif { u64 id; u32 pid; u32 flags; struct seccomp_data data; }, and struct seccomp_notif_resp. */
const NOTIF_BYTES = 80;
const RESPONSE_BYTES = 24;
const DATA_AT = 16;
const ARGS_AT = 32;

/** The listener's end of user notification; one call at a time. */
export interface Notifications {
  /** `received`: the fields below describe a call that waits for `answer`. `gone`: nobody is left. */
  readonly receive: () => 'received' | 'nothing' | 'gone';
  readonly pid: () => number;
  readonly number: () => number;
  readonly auditArch: () => number;
  readonly args: () => bigint[];
  /** struct seccomp_data as a filter loads it. */
  readonly data: Uint32Array;
  /** Whether the call is still waiting: what was read from its process before was its own. */
  readonly valid: () => boolean;
  /** Ends the call with an errno (0: it returns 0). False when it was interrupted meanwhile. */
  readonly answer: (errno: number) => boolean;
}

export function notifications(c: Libc, listener: number): Notifications {
  // A newer kernel may use longer structures than this code knows; it says how long.
  const sizes = new Uint16Array(3);
  const known = c.seccomp(SECCOMP_GET_NOTIF_SIZES, 0, new Uint8Array(sizes.buffer)) === 0;
  const notif = new ArrayBuffer(Math.max(NOTIF_BYTES, known ? (sizes[0] ?? 0) : 0));
  const notifBytes = new Uint8Array(notif);
  const view = new DataView(notif);
  const response = new Uint8Array(Math.max(RESPONSE_BYTES, known ? (sizes[1] ?? 0) : 0));
  const responseView = new DataView(response.buffer);
  const id = notifBytes.subarray(0, 8);

  wakeUpAtOnce(c, listener);

  return {
    receive: () => {
      // The kernel wants zeros.
      notifBytes.fill(0);
      if (c.ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notifBytes) === 0) return 'received';
      switch (c.errno()) {
        // The caller was killed, or a signal took it out of its call.
        case ENOENT:
        case EINTR:
          return 'nothing';
        case ENOTCONN:
          return 'gone';
        default:
          throw new Error(`SECCOMP_IOCTL_NOTIF_RECV: ${getSystemErrorName(-c.errno())}`);
      }
    },
    pid: () => view.getUint32(8, true),
    number: () => view.getUint32(DATA_AT, true),
    auditArch: () => view.getUint32(DATA_AT + 4, true),
    args: () => Array.from({ length: 6 }, (_, index) => view.getBigUint64(ARGS_AT + 8 * index, true)),
    data: new Uint32Array(notif, DATA_AT, 16),
    valid: () => repeated(c, listener, SECCOMP_IOCTL_NOTIF_ID_VALID, id),
    answer: (errno) => {
      response.fill(0);
      response.set(id);
      // The kernel caps a filter's errno in the same way (kernel/seccomp.c, SECCOMP_RET_ERRNO).
      responseView.setInt32(16, -Math.min(errno, MAX_ERRNO), true);
      if (repeated(c, listener, SECCOMP_IOCTL_NOTIF_SEND, response)) return true;
      if (c.errno() === ENOENT) return false;
      throw new Error(`SECCOMP_IOCTL_NOTIF_SEND: ${getSystemErrorName(-c.errno())}`);
    },
  };
}

/**
 * An ioctl on a notification, until no signal of this process interrupts it: the kernel waits for a lock before it looks
 * at the notification (kernel/seccomp.c: mutex_lock_interruptible), and a caller whose answer is lost waits for ever.
 */
function repeated(c: Libc, listener: number, request: number, argument: Uint8Array): boolean {
  for (;;) {
    if (c.ioctl(listener, request, argument) === 0) return true;
    if (c.errno() !== EINTR) return false;
  }
}

/**
 * Lets callers wake on the processor of whoever answers, at once (Linux 6.6). An older kernel does not know it and is
 * only slower. The flags are the argument itself, whatever _IOW in the header says (kernel/seccomp.c:
 * seccomp_notify_set_flags).
 *
 * @returns whether the kernel knows it
 */
export function wakeUpAtOnce(c: Libc, listener: number): boolean {
  return c.ioctlNumber(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) === 0;
}

/** What a call gets that nobody answers. */
export const UNANSWERED = ENOSYS;

import { closeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { CallgateError } from '../../error.js';
import { EINTR, EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, POLLIN } from '../constants.js';
import type { Libc } from '../ffi.js';

/** Waits for many fds. Each is known by a token, because an fd's number is taken again as soon as it is closed. */
export interface Epoll {
  /** Reports when the fd can be read, or is over. Gives an errno when the kernel takes no more, else 0. */
  readonly add: (fd: number, token: number) => number;
  readonly remove: (fd: number) => void;
  /** Tokens with their events (POLLIN, POLLHUP, POLLERR); none after `timeout` milliseconds, -1 for ever. */
  readonly wait: (timeout: number) => readonly (readonly [token: number, events: number])[];
  readonly close: () => void;
}

/** struct epoll_event is packed on x86-64 alone (include/uapi/linux/eventpoll.h, EPOLL_PACKED). */
const [EVENT_BYTES, TOKEN_AT] = process.arch === 'x64' ? [12, 4] : [16, 8];
const MOST_EVENTS = 256;

/** @throws {CallgateError} HOST */
export function epoll(c: Libc): Epoll {
  const fd = c.epollCreate(EPOLL_CLOEXEC);
  if (fd < 0) throw new CallgateError('HOST', `no epoll for the agent (${getSystemErrorName(-c.errno())})`);
  const event = new Uint8Array(new ArrayBuffer(EVENT_BYTES));
  const eventView = new DataView(event.buffer);
  const events = new Uint8Array(new ArrayBuffer(EVENT_BYTES * MOST_EVENTS));
  const view = new DataView(events.buffer);
  return {
    add: (added, token) => {
      eventView.setUint32(0, POLLIN, true);
      eventView.setUint32(TOKEN_AT, token, true);
      return c.epollCtl(fd, EPOLL_CTL_ADD, added, event) === 0 ? 0 : c.errno();
    },
    remove: (removed) => void c.epollCtl(fd, EPOLL_CTL_DEL, removed, event),
    wait: (timeout) => {
      const count = c.epollWait(fd, events, MOST_EVENTS, timeout);
      if (count < 0 && c.errno() !== EINTR) throw new Error(`epoll_wait: ${getSystemErrorName(-c.errno())}`);
      return Array.from(
        { length: Math.max(0, count) },
        (_, index) =>
          [
            view.getUint32(EVENT_BYTES * index + TOKEN_AT, true),
            view.getUint32(EVENT_BYTES * index, true),
          ] as const,
      );
    },
    close: () => closeSync(fd),
  };
}

import { closeSync } from 'node:fs';
import {
  AF_UNIX,
  EAGAIN,
  ECONNREFUSED,
  EINTR,
  ENOENT,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  SCM_RIGHTS,
  SO_PEERCRED,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.js';
import type { Libc } from '../ffi.js';

/** sun_path of struct sockaddr_un, less its final NUL. */
export const MOST_PATH_BYTES = 107;

const FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

function address(path: string): Uint8Array {
  const bytes = new Uint8Array(110);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(new TextEncoder().encode(path), 2);
  return bytes;
}

/** A stream socket bound to a path, which does not listen yet; negative: an errno. */
export function bindUnix(c: Libc, path: string): number {
  const fd = c.socket(AF_UNIX, SOCK_STREAM | FLAGS, 0);
  if (fd < 0) return -c.errno();
  const name = address(path);
  if (c.bind(fd, name, name.length) === 0) return fd;
  const errno = c.errno();
  closeSync(fd);
  return -errno;
}

/** Whether somebody listens behind a path: 1 or 0, or a negative errno when that could not be asked. */
export function isListening(c: Libc, path: string): number {
  const fd = c.socket(AF_UNIX, SOCK_STREAM | FLAGS, 0);
  if (fd < 0) return -c.errno();
  try {
    const name = address(path);
    // EAGAIN: somebody does, and is busy.
    return c.connect(fd, name, name.length) === 0 || ![ECONNREFUSED, ENOENT].includes(c.errno()) ? 1 : 0;
  } finally {
    closeSync(fd);
  }
}

/** The next connection's fd; negative: an errno. */
export function acceptUnix(c: Libc, socket: number): number {
  const fd = c.accept4(socket, null, null, FLAGS);
  return fd >= 0 ? fd : -c.errno();
}

/** The user id behind a connection, as this process's user namespace sees it. */
export function peerUser(c: Libc, fd: number): number | undefined {
  const credentials = new Uint32Array(3);
  const length = new Uint32Array([12]);
  const bytes = [credentials, length].map(({ buffer }) => new Uint8Array(buffer));
  const [value = new Uint8Array(), size = value] = bytes;
  return c.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, size) === 0 ? credentials[1] : undefined;
}

/** What came over a connection. `truncated`: fds were sent and could not be received. */
export type Received =
  | {
      readonly kind: 'data';
      readonly data: Uint8Array;
      readonly fds: readonly number[];
      readonly truncated: boolean;
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly errno: number };

const DATA_BYTES = 64 * 1024;
/** SCM_MAX_FD of include/net/scm.h is 253. */
const CONTROL_BYTES = 16 + 4 * 253 + 4;
const HEADER_BYTES = 16;

/** Reads a non-blocking connection, with the fds that come along. */
export function messageReader(c: Libc): (fd: number) => Received {
  const data = new Uint8Array(new ArrayBuffer(DATA_BYTES));
  const control = new ArrayBuffer(CONTROL_BYTES);
  const controlView = new DataView(control);
  const vector = new BigUint64Array([c.addressOf(data), BigInt(DATA_BYTES)]);
  const vectorBytes = new Uint8Array(vector.buffer);
  const controlBytes = new Uint8Array(control);
  // struct msghdr: name, namelen, iov, iovlen, control, controllen, flags.
  const header = new Uint8Array(new ArrayBuffer(56));
  const view = new DataView(header.buffer);

  return (fd) => {
    view.setBigUint64(16, c.addressOf(vectorBytes), true);
    view.setBigUint64(24, 1n, true);
    view.setBigUint64(32, c.addressOf(controlBytes), true);
    view.setBigUint64(40, BigInt(CONTROL_BYTES), true);
    view.setInt32(48, 0, true);
    const got = c.recvmsg(fd, header, MSG_CMSG_CLOEXEC);
    if (got < 0) {
      const errno = c.errno();
      return errno === EAGAIN || errno === EINTR ? { kind: 'nothing' } : { kind: 'failed', errno };
    }
    const fds = receivedFds(controlView, Number(view.getBigUint64(40, true)));
    if (got === 0 && fds.length === 0) return { kind: 'end' };
    const truncated = (view.getInt32(48, true) & MSG_CTRUNC) !== 0;
    return { kind: 'data', data: data.slice(0, got), fds, truncated };
  };
}

/** The fds of every SCM_RIGHTS among the control messages (struct cmsghdr, aligned to 8 bytes). */
function receivedFds(view: DataView, length: number): readonly number[] {
  const fds: number[] = [];
  for (let at = 0; at + HEADER_BYTES <= length; ) {
    const size = Number(view.getBigUint64(at, true));
    if (size < HEADER_BYTES) break;
    if (view.getInt32(at + 8, true) === SOL_SOCKET && view.getInt32(at + 12, true) === SCM_RIGHTS)
      for (let next = at + HEADER_BYTES; next + 4 <= at + size; next += 4)
        fds.push(view.getInt32(next, true));
    at += (size + 7) & ~7;
  }
  return fds;
}

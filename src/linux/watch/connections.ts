import { getSystemErrorName } from 'node:util';
import { EAGAIN, EFD_CLOEXEC } from '../constants.js';
import type { Libc } from '../ffi.js';
import { closeFd } from './closeFd.js';
import { type PendingConnection, pendingConnection, type Taken } from './pendingConnection.js';
import { acceptUnix, messageReader, peerUser } from './unixSocket.js';

/** Milliseconds without new connections when the process may not open more files. */
const BREATH = 100;
/** And after which those that wait are given up: their containers may wait for an answer already. */
const MOST_MILLISECONDS = 2000;

/** The connections that came to a socket. */
export interface Arrivals {
  readonly accepted: readonly PendingConnection[];
  /** What became of the others, in words. */
  readonly problems: readonly string[];
  /** Milliseconds until it is worth while to look again, when no more can be taken now. */
  readonly pause: number | undefined;
}

/**
 * Takes runtimes' connections. One decides what a container is told, so it must be of root, whose runtimes start
 * containers, or of this process's own user.
 *
 * One file is kept open in reserve, so that the listener of a connection that could be taken can be received too, and that
 * connections can be refused when no more files can be opened: what waits in a socket's queue waits without an answer.
 */
export function connections(
  c: Libc,
  socket: number,
): {
  readonly arrived: () => Arrivals;
  /** What came over one of them. */
  readonly receive: (connection: PendingConnection) => Taken;
  readonly close: () => void;
} {
  const read = messageReader(c);
  let reserve = c.eventfd(0, EFD_CLOEXEC);
  let fullSince: number | undefined;
  const release = (): void => {
    if (reserve >= 0) closeFd(reserve);
    reserve = -1;
  };
  const refill = (): void => {
    if (reserve < 0) reserve = c.eventfd(0, EFD_CLOEXEC);
  };
  /** Without their connection the kernel closes their listeners, and answers ENOSYS. */
  const giveUp = (): number => {
    release();
    let count = 0;
    let fd = acceptUnix(c, socket);
    for (; fd >= 0; fd = acceptUnix(c, socket)) {
      closeFd(fd);
      count++;
    }
    refill();
    // Closed with this thread the socket lets nobody wait, and new containers are told that nobody listens.
    if (fd !== -EAGAIN) throw new Error(`accept4: ${getSystemErrorName(fd)}`);
    return count;
  };
  const full = (now: number, why: string): string | undefined => {
    if (fullSince === undefined) {
      fullSince = now;
      return `no connection can be taken for now (${why})`;
    }
    if (now - fullSince < MOST_MILLISECONDS) return undefined;
    const count = giveUp();
    return count === 0 ? undefined : `${count} connections were given up (${why}): their calls get ENOSYS`;
  };
  return {
    arrived: () => {
      refill();
      const accepted: PendingConnection[] = [];
      const problems: string[] = [];
      for (;;) {
        const fd = acceptUnix(c, socket);
        if (fd === -EAGAIN) {
          fullSince = undefined;
          return { accepted, problems, pause: undefined };
        }
        if (fd < 0) {
          const problem = full(Date.now(), getSystemErrorName(fd));
          if (problem !== undefined) problems.push(problem);
          return { accepted, problems, pause: BREATH };
        }
        const user = peerUser(c, fd);
        if (user === 0 || user === process.geteuid?.()) accepted.push(pendingConnection(fd));
        else {
          closeFd(fd);
          problems.push(`a connection of user ${user ?? 'unknown'} was refused`);
        }
      }
    },
    receive: (connection) => {
      release();
      const taken = connection.take(read(connection.fd));
      refill();
      return taken;
    },
    close: release,
  };
}

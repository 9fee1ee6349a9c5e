import { closeSync } from 'node:fs';
import { EAGAIN } from '../constants.js';
import type { Libc } from '../ffi.js';
import { type PendingConnection, pendingConnection } from './pendingConnection.js';
import { acceptUnix, peerUser } from './unixSocket.js';

/**
 * The connections that wait at a socket. `full`: this process may not open more files for now.
 *
 * A connection decides what a container is told, so it must be of root, whose runtimes start containers, or of this
 * process's own user.
 */
export function acceptAll(
  c: Libc,
  socket: number,
): {
  readonly accepted: readonly PendingConnection[];
  readonly refused: readonly string[];
  readonly full: boolean;
} {
  const accepted: PendingConnection[] = [];
  const refused: string[] = [];
  for (;;) {
    const fd = acceptUnix(c, socket);
    if (fd < 0) return { accepted, refused, full: fd !== -EAGAIN };
    const user = peerUser(c, fd);
    if (user === 0 || user === process.geteuid?.()) accepted.push(pendingConnection(fd));
    else {
      closeSync(fd);
      refused.push(`a connection of user ${user ?? 'unknown'} was refused`);
    }
  }
}

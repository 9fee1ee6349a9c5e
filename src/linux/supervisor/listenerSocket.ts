import { CallgateError } from '../../error.js';
import { EINTR, MSG_CMSG_CLOEXEC, SCM_RIGHTS, SOL_SOCKET } from '../constants.js';
import type { Libc } from '../ffi.js';

/**
 * Takes the listener's fd that the launcher sends over the socket. Undefined when the launcher ended without sending
 * one. Blocks until either happens.
 *
 * @throws {CallgateError} HOST when it came and cannot be taken
 */
export function receiveListener(c: Libc, socket: number): number | undefined {
  const data = new Uint8Array(1);
  const control = new Uint8Array(64);
  const vector = new BigUint64Array([c.addressOf(data), 1n]);
  const header = new Uint8Array(56);
  const view = new DataView(header.buffer);
  view.setBigUint64(16, c.addressOf(new Uint8Array(vector.buffer)), true);
  view.setBigUint64(24, 1n, true);
  view.setBigUint64(32, c.addressOf(control), true);
  view.setBigUint64(40, BigInt(control.length), true);
  let got: number;
  do got = c.recvmsg(socket, header, MSG_CMSG_CLOEXEC);
  while (got < 0 && c.errno() === EINTR);
  if (got === 0) return undefined;
  if (got < 0) throw notTaken(`recvmsg: errno ${c.errno()}`);
  const message = new DataView(control.buffer);
  const isFd =
    view.getBigUint64(40, true) >= 20n &&
    message.getInt32(8, true) === SOL_SOCKET &&
    message.getInt32(12, true) === SCM_RIGHTS;
  // net/core/scm.c: where there is no file descriptor for it, the message comes without.
  if (!isFd) throw notTaken('there is no file descriptor for it');
  return message.getInt32(16, true);
}

function notTaken(why: string): CallgateError {
  return new CallgateError('HOST', `denied calls cannot be listened for: ${why}`);
}

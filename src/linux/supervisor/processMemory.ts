import type { Libc } from '../ffi.js';
import type { ArgumentString } from './denial.js';

/** Enough for the paths and names that tell what a program wanted. */
const MAX_STRING = 256;
/** Divides every machine's page size, so a read that does not cross it cannot fail for what lies behind. */
const PAGE = 4096n;

const decoder = new TextDecoder();

/** Reads text from another process, without stopping it. */
export function stringReader(c: Libc) {
  const buffer = new Uint8Array(MAX_STRING);
  const local = new BigUint64Array([c.addressOf(buffer), 0n]);
  const remote = new BigUint64Array(2);
  const localBytes = new Uint8Array(local.buffer);
  const remoteBytes = new Uint8Array(remote.buffer);

  /** Bytes read at `address` into the buffer from `at` on. */
  const read = (pid: number, address: bigint, at: number, length: number): number => {
    local[0] = c.addressOf(buffer) + BigInt(at);
    local[1] = BigInt(length);
    remote[0] = address;
    remote[1] = BigInt(length);
    return c.processVmReadv(pid, localBytes, 1, remoteBytes, 1, 0);
  };

  /** The NUL-terminated text at `address`; undefined when it cannot be read. */
  return (pid: number, index: number, address: bigint): ArgumentString | undefined => {
    if (address === 0n) return undefined;
    let filled = 0;
    while (filled < MAX_STRING) {
      const from = BigInt.asUintN(64, address + BigInt(filled));
      const length = Math.min(MAX_STRING - filled, Number(PAGE - (from % PAGE)));
      const got = read(pid, from, filled, length);
      if (got <= 0) break;
      const end = buffer.subarray(filled, filled + got).indexOf(0);
      if (end >= 0)
        return { index, text: decoder.decode(buffer.subarray(0, filled + end)), truncated: false };
      filled += got;
    }
    if (filled === 0) return undefined;
    return { index, text: decoder.decode(buffer.subarray(0, filled)), truncated: true };
  };
}

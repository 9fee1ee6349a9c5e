import type { OciSeccomp } from '../../src/engine/oci.js';
import { newestNumber } from '../../src/syscalls/libseccomp.js';
import { harmless, PROBE_ABIS, type ProbeAbi, type ProbeCall } from './probe/calls.js';

/** Highest number that is asked: past the end of every table, so that unknown calls are seen as well. */
const LAST_NUMBER = 600;

/** Every number of every ABI that this machine's kernel can be called by, with arguments that harm nothing. */
export const EVERY_CALL: readonly ProbeCall[] = PROBE_ABIS.flatMap((abi) =>
  Array.from({ length: LAST_NUMBER + 1 }, (_, number) => harmless(abi, number)),
);

/** Table that holds an ABI's numbers without bit 30. */
const TABLE: Readonly<Record<ProbeAbi, string>> = { x86_64: 'x86_64', x86: 'x86', x32: 'x32' };

const ALL_ONES = 0xffffffffffffffffn;
const HIGH_BIT = 1n << 32n;

/** Calls on both sides of each comparison of a filter's rules: arguments equal, one less, one more, and with upper bits. */
export function boundaryCalls(oci: OciSeccomp): ProbeCall[] {
  const calls = new Map<string, ProbeCall>();
  for (const { names, args } of oci.syscalls) {
    for (const name of names) {
      for (const abi of PROBE_ABIS) {
        const number = newestNumber(name, TABLE[abi]);
        if (number === undefined) continue;
        for (const { index, value, valueTwo } of args) {
          for (const other of [0n, ALL_ONES]) {
            for (const probe of around(value, valueTwo)) {
              const call = {
                abi,
                number,
                args: Array.from({ length: 6 }, (_, i) => (i === index ? probe : other)),
              };
              calls.set(`${abi} ${number} ${call.args.join()}`, call);
            }
          }
        }
      }
    }
  }
  return [...calls.values()];
}

function around(value: bigint, valueTwo: bigint): bigint[] {
  const near = [0n, value, value - 1n, value + 1n, value & -value, value >> 1n, valueTwo, valueTwo | ~value];
  return near.flatMap((probe) => [probe, probe ^ HIGH_BIT]).map((probe) => BigInt.asUintN(64, probe));
}

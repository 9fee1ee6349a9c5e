import { readFileSync } from 'node:fs';
import { CallgateError } from '../error.js';
import { capabilities } from '../syscalls/capabilities.js';

/** The five sets of a process; bit n is capability n. */
export interface CapabilitySets {
  readonly inheritable: bigint;
  readonly permitted: bigint;
  readonly effective: bigint;
  readonly bounding: bigint;
  readonly ambient: bigint;
}

const numbers = new Map(capabilities.map(({ name, number }) => [name, BigInt(number)]));
const names = new Map(capabilities.map(({ name, number }) => [number, name]));

/** The name of a capability's number; `CAP_64` and the like for one that the data does not know yet. */
export function nameOf(number: number): string {
  return names.get(number) ?? `CAP_${number}`;
}

/** Full names (`CAP_CHOWN`) to a mask. @throws {CallgateError} UNKNOWN for a name that is none. */
export function toMask(wanted: readonly string[]): bigint {
  let mask = 0n;
  for (const name of wanted) {
    const number = numbers.get(name);
    if (number === undefined) {
      throw new CallgateError('UNKNOWN', `unknown capability ${JSON.stringify(name)}`, {
        expected: 'full names such as "CAP_CHOWN"',
      });
    }
    mask |= 1n << number;
  }
  return mask;
}

/** The capabilities of a mask, in the kernel's order. */
export function fromMask(mask: bigint): readonly string[] {
  const held: string[] = [];
  for (let number = 0; number < 64; number++) {
    if ((mask >> BigInt(number)) & 1n) held.push(nameOf(number));
  }
  return held;
}

/** True when the mask holds the capability. */
export function holds(mask: bigint, name: string): boolean {
  return (mask & toMask([name])) !== 0n;
}

/** The sets in the text of /proc/PID/status. */
export function parseCapabilities(status: string): CapabilitySets {
  const set = (field: string): bigint => {
    const hex = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
    return hex === undefined ? 0n : BigInt(`0x${hex}`);
  };
  return {
    inheritable: set('CapInh'),
    permitted: set('CapPrm'),
    effective: set('CapEff'),
    bounding: set('CapBnd'),
    ambient: set('CapAmb'),
  };
}

/** The sets of a process. @throws {CallgateError} HOST when there is no such process. */
export function readCapabilities(pid: number | 'self' = 'self'): CapabilitySets {
  try {
    return parseCapabilities(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (cause) {
    throw new CallgateError('HOST', `the capabilities of process ${pid} cannot be read`, { cause });
  }
}

import { readFileSync } from 'node:fs';
import { CallgateError } from '../error.js';

/** include/uapi/linux/capability.h; the index is the number. */
export const CAPABILITY_NAMES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

/** The five sets of a process; bit n is capability n. */
export interface CapabilitySets {
  readonly inheritable: bigint;
  readonly permitted: bigint;
  readonly effective: bigint;
  readonly bounding: bigint;
  readonly ambient: bigint;
}

/** The name of a capability's number; `CAP_64` and the like for one that is newer than this list. */
export function capabilityName(number: number): string {
  return CAPABILITY_NAMES[number] ?? `CAP_${number}`;
}

/** Full names (`CAP_CHOWN`) to a mask. @throws {CallgateError} UNKNOWN for a name that is none. */
export function toMask(names: readonly string[]): bigint {
  let mask = 0n;
  for (const name of names) {
    const number = (CAPABILITY_NAMES as readonly string[]).indexOf(name);
    if (number < 0) {
      throw new CallgateError('UNKNOWN', `unknown capability ${JSON.stringify(name)}`, {
        expected: 'full names such as "CAP_CHOWN"',
      });
    }
    mask |= 1n << BigInt(number);
  }
  return mask;
}

/** The capabilities of a mask, in the kernel's order. */
export function fromMask(mask: bigint): readonly string[] {
  const names: string[] = [];
  for (let number = 0; number < 64; number++) {
    if ((mask >> BigInt(number)) & 1n) names.push(capabilityName(number));
  }
  return names;
}

/** True when the mask holds the capability. */
export function holds(mask: bigint, name: (typeof CAPABILITY_NAMES)[number]): boolean {
  return ((mask >> BigInt(CAPABILITY_NAMES.indexOf(name))) & 1n) === 1n;
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

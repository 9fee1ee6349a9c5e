import { readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import { type CapabilitySets, holds, parseCapabilities } from '../capabilities.js';
import {
  EFAULT,
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  SECCOMP_SET_MODE_FILTER,
} from '../constants.js';
import { type Libc, libc } from '../ffi.js';

/** What this machine and process let callgate do. */
export interface HostFacts {
  /** As uname -r, e.g. `6.1.0-18-amd64`. */
  readonly kernel: string;
  /** As uname -m, e.g. `x86_64`. */
  readonly machine: string;
  /** False when the kernel was built without CONFIG_SECCOMP_FILTER. */
  readonly seccomp: boolean;
  /** Words of /proc/sys/kernel/seccomp/actions_avail, e.g. `kill_process`. */
  readonly actions: readonly string[];
  readonly actionsLogged: readonly string[];
  /** Whether denied calls can be watched. */
  readonly userNotification: boolean;
  /** Flags of seccomp(2) that the kernel knows; undefined when the addon that asks it does not load. */
  readonly filterFlags: readonly FilterFlag[] | undefined;
  /** Of this process. */
  readonly self: {
    /** 0 none, 1 strict, 2 filter. */
    readonly seccompMode: number;
    /** Filters that are already loaded; undefined before Linux 5.9. */
    readonly filters: number | undefined;
    readonly noNewPrivileges: boolean;
    readonly capabilities: CapabilitySets;
    /** Whether a filter can be loaded without no_new_privs, so that setuid programs work under it. */
    readonly mayKeepPrivileges: boolean;
  };
}

/** Flags of seccomp(2) that a kernel can know. */
export type FilterFlag = 'TSYNC' | 'LOG' | 'SPEC_ALLOW' | 'NEW_LISTENER' | 'WAIT_KILLABLE_RECV';

const FLAGS: Readonly<Record<FilterFlag, number>> = {
  TSYNC: SECCOMP_FILTER_FLAG_TSYNC,
  LOG: SECCOMP_FILTER_FLAG_LOG,
  SPEC_ALLOW: SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  NEW_LISTENER: SECCOMP_FILTER_FLAG_NEW_LISTENER,
  WAIT_KILLABLE_RECV: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

function words(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s+/);
  } catch {
    return [];
  }
}

const ACTIONS = '/proc/sys/kernel/seccomp/actions_avail';

/** Whether denied calls can be watched: Linux 5.0 or newer. */
export function hasUserNotification(): boolean {
  return words(ACTIONS).includes('user_notif');
}

/** Asks the kernel. Nothing is changed. */
export function hostFacts(): HostFacts {
  const status = readFileSync('/proc/self/status', 'utf8');
  const field = (name: string): number | undefined => {
    const value = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  const actions = words(ACTIONS);
  const capabilities = parseCapabilities(status);
  return {
    kernel: release(),
    machine: machine(),
    seccomp: field('Seccomp') !== undefined && actions.length > 0,
    actions,
    actionsLogged: words('/proc/sys/kernel/seccomp/actions_logged'),
    userNotification: actions.includes('user_notif'),
    filterFlags: filterFlags(),
    self: {
      seccompMode: field('Seccomp') ?? 0,
      filters: field('Seccomp_filters'),
      noNewPrivileges: field('NoNewPrivs') === 1,
      capabilities,
      mayKeepPrivileges: holds(capabilities.effective, 'CAP_SYS_ADMIN'),
    },
  };
}

function filterFlags(): readonly FilterFlag[] | undefined {
  let c: Libc;
  try {
    c = libc();
  } catch {
    return undefined;
  }
  return (Object.keys(FLAGS) as FilterFlag[]).filter((flag) => knowsFlags(c, flagBits(flag)));
}

/** WAIT_KILLABLE_RECV is refused without NEW_LISTENER. */
function flagBits(flag: FilterFlag): number {
  return FLAGS[flag] | (flag === 'WAIT_KILLABLE_RECV' ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
}

/** With a null program the kernel answers EFAULT when it knows the flags, EINVAL when not; nothing is loaded. */
function knowsFlags(c: Libc, flags: number): boolean {
  return c.seccomp(SECCOMP_SET_MODE_FILTER, flags, null) !== 0 && c.errno() === EFAULT;
}

/** Flags for a filter with a listener: callers that are being answered are not interrupted, where the kernel can (5.19). */
export function listenerFlags(): number {
  return knowsFlags(libc(), flagBits('WAIT_KILLABLE_RECV')) ? SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0;
}

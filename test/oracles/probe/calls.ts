/** One call for the probe: the number as in that ABI's table (x32 without bit 30), arguments as 64-bit registers. */
export interface ProbeCall {
  readonly abi: ProbeAbi;
  readonly number: number;
  /** Missing ones count as 0. */
  readonly args: readonly bigint[];
}

/** The ABIs that an x86-64 kernel can be asked by: `syscall`, `int $0x80`, and `syscall` with bit 30. */
export type ProbeAbi = 'x86_64' | 'x86' | 'x32';

export const PROBE_ABIS: readonly ProbeAbi[] = ['x86_64', 'x86', 'x32'];

/** AUDIT_ARCH_* token under which a filter sees the call. */
export const AUDIT_ARCH: Readonly<Record<ProbeAbi, number>> = {
  x86_64: 0xc000003e,
  x86: 0x40000003,
  x32: 0xc000003e,
};

/** The number as in seccomp_data.nr. */
export function filterNumber(call: ProbeCall): number {
  return call.abi === 'x32' ? call.number + 0x40000000 : call.number;
}

const ALL_ONES = 0xffffffffffffffffn;

/**
 * The same call with arguments that harm nothing where it is allowed: every pointer is unmapped, every fd closed,
 * every id invalid, every size too large, so that the kernel refuses it (EFAULT, EBADF, EINVAL) before it acts.
 */
export function harmless(abi: ProbeAbi, number: number): ProbeCall {
  return { abi, number, args: Array.from({ length: 6 }, () => ALL_ONES) };
}

/** Calls whose success makes a second process: its copy must not go on with the list. */
const FORKS: Readonly<Record<ProbeAbi, readonly number[]>> = {
  x86_64: [56, 57, 58, 435],
  x86: [2, 120, 190, 435],
  x32: [56, 57, 58, 435],
};

export function forks(call: ProbeCall): boolean {
  return FORKS[call.abi].includes(call.number);
}

/** pause; x86 also sigsuspend: without end whatever the arguments are, so there is no use in waiting long. */
const ENDLESS: Readonly<Record<ProbeAbi, readonly number[]>> = { x86_64: [34], x86: [29, 72], x32: [34] };

/** How long a call may take before it counts as blocked, in milliseconds. */
export function patience(call: ProbeCall): number {
  return ENDLESS[call.abi].includes(call.number) ? 50 : 5000;
}

/** sync: it takes no arguments, so it would write out every file system of the machine. */
const DISTURBING: Readonly<Record<ProbeAbi, readonly number[]>> = { x86_64: [162], x86: [36], x32: [162] };

/** False for the calls that even harmless arguments do not make harmless: they are only asked for their verdict. */
export function mayRun(call: ProbeCall): boolean {
  return !DISTURBING[call.abi].includes(call.number);
}

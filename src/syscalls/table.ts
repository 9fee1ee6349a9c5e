import type { AbiName } from './abi.js';
import { abi } from './abis.js';
import { kernelSince } from './kernel.js';
import { newestNumber, numberInRelease, syscallNames } from './libseccomp.js';

export interface NamedNumber {
  readonly name: string;
  readonly number: number;
}

/**
 * The number of a call as in seccomp_data.nr: with the x32 bit and the MIPS bases.
 * With a libseccomp release, only if that release has a number for it on the ABI, and the number it has.
 *
 * @example syscallNumber('clone3', 'x86_64') // 435
 * @example syscallNumber('clone3', 'x86_64', '2.4.1') // undefined
 */
export function syscallNumber(name: string, abiName: AbiName, libseccomp?: string): number | undefined {
  if (libseccomp !== undefined) return numberInRelease(name, abiName, libseccomp);
  const { table, numberBase } = abi(abiName);
  const number = newestNumber(name, table);
  return number === undefined ? undefined : number + numberBase;
}

const tables = new Map<
  AbiName,
  { readonly sorted: readonly NamedNumber[]; readonly names: ReadonlyMap<number, string> }
>();

function tableOf(abiName: AbiName) {
  const known = tables.get(abiName);
  if (known !== undefined) return known;
  const names = new Map<number, string>();
  for (const name of syscallNames) {
    const number = syscallNumber(name, abiName);
    if (number === undefined) continue;
    // Where two names share a number, the one that a kernel has is the better answer.
    if (!names.has(number) || kernelSince(name, abiName) !== undefined) names.set(number, name);
  }
  const sorted = [...names].map(([number, name]) => ({ name, number })).sort((a, b) => a.number - b.number);
  const table = { sorted, names };
  tables.set(abiName, table);
  return table;
}

/** The name of a number as in seccomp_data.nr. */
export function syscallName(number: number, abiName: AbiName): string | undefined {
  return tableOf(abiName).names.get(number);
}

/** Every call that has a number on an ABI, by number. */
export function syscallsOf(abiName: AbiName): readonly NamedNumber[] {
  return tableOf(abiName).sorted;
}

export { kernelRemoved, kernelSince } from './kernel.js';
export {
  isKnownName,
  libseccompReleases,
  type Multiplexed,
  multiplexed,
  resolvedNumber,
} from './libseccomp.js';
export { nearestNames } from './nearest.js';

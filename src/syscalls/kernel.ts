import json from '../../data/syscalls/kernel.json' with { type: 'json' };
import type { AbiName } from './abi.js';
import { abi } from './abis.js';
import { newestNumber } from './libseccomp.js';

const since = json.since as unknown as Readonly<Record<string, Readonly<Record<string, string>>>>;
const removed = json.removed as Readonly<Record<string, string>>;

/** Tables for which the manual's general release is the table's own. */
const GENERAL = new Set(['x86_64', 'x86']);

/**
 * The kernel release from which an ABI has a call. `exact` is false where only the call's general release (raised to
 * the ABI's first) or an upper bound is known. Undefined: the ABI has no such call, or nothing is known.
 */
export function kernelSince(
  name: string,
  abiName: AbiName,
): { readonly version: string; readonly exact: boolean } | undefined {
  const { table } = abi(abiName);
  const row = since[name];
  if (row?.['since'] === undefined || newestNumber(name, table) === undefined) return undefined;
  const own = row[table];
  if (own === undefined) return { version: row['since'], exact: GENERAL.has(table) };
  const inexact = own.startsWith('~') || own.startsWith('<');
  return { version: inexact ? own.slice(1) : own, exact: !inexact };
}

/** The kernel release that dropped a call everywhere. */
export function kernelRemoved(name: string): string | undefined {
  return removed[name];
}

import json from '../../data/syscalls/libseccomp.json' with { type: 'json' };
import numbersJson from '../../data/syscalls/numbers.json' with { type: 'json' };
import { CallgateError } from '../error.js';
import type { AbiName } from './abi.js';
import { type Abi, abi } from './abis.js';
import { IPC_CALLS, SOCKET_CALLS } from './multiplexedCalls.js';

type Row<T> = Readonly<Record<string, T>>;

const columns = new Map(numbersJson.tables.map((table, index) => [table, index]));
const numbers = new Map(Object.entries(numbersJson.numbers as Row<readonly (number | null)[]>));

const upstream = json.releases.map((release) => release.version);
const rank = new Map(upstream.map((version, index) => [version, index]));
const tablesOf = new Map([
  ...upstream.map((version) => [version, version] as const),
  ...json.distributionReleases.map((release) => [release.version, release.tables] as const),
]);

const sinceRank = new Map<string, number>();
for (const [version, names] of Object.entries(json.namesSince)) {
  for (const name of names) sinceRank.set(name, rankOf(version));
}
const removed = json.removed as Row<string>;
const numberSince = json.numberSince as Row<Row<string>>;
const numberBefore = json.numberBefore as unknown as Row<Row<readonly (readonly [string, number | null])[]>>;
const tableSince = json.tableSince as Row<string>;

/** Every release with facts of its own, oldest first; distributions' rows stand after their upstream release. */
export const libseccompReleases: readonly string[] = upstream.flatMap((version) => [
  version,
  ...[...tablesOf.keys()].filter((candidate) => candidate.startsWith(`${version}-`)),
]);

/** Names of all calls, of all ABIs and times. */
export const syscallNames: readonly string[] = [...numbers.keys()];

function rankOf(version: string): number {
  const found = rank.get(version);
  if (found === undefined) throw new RangeError(`libseccomp ${version} is not in the list of releases`);
  return found;
}

/** Rank of the upstream release whose tables this release has. */
function tableRank(libseccomp: string): number {
  const tables = tablesOf.get(libseccomp);
  if (tables === undefined) {
    throw new CallgateError('UNKNOWN', `libseccomp ${libseccomp} is not known`, {
      expected: `one of ${libseccompReleases.join(', ')}`,
    });
  }
  return rankOf(tables);
}

/** Whether a release knows a name on any ABI, so that it resolves to a pseudo number at least. */
export function isKnownName(name: string, libseccomp: string): boolean {
  const release = tableRank(libseccomp);
  const since = sinceRank.get(name);
  if (since === undefined || release < since) return false;
  const gone = removed[name];
  return gone === undefined || release < rankOf(gone);
}

/** Number in a table as the newest release has it, without the ABI's base. */
export function newestNumber(name: string, table: string): number | undefined {
  const column = columns.get(table);
  return column === undefined ? undefined : (numbers.get(name)?.[column] ?? undefined);
}

/** Number of the direct call that a release's table holds, with the ABI's base. */
export function numberInRelease(name: string, abiName: AbiName, libseccomp: string): number | undefined {
  const { table, numberBase } = abi(abiName);
  if (!isKnownName(name, libseccomp)) return undefined;
  const release = tableRank(libseccomp);
  const first = tableSince[table];
  const since = numberSince[name]?.[table];
  if (first === undefined || release < rankOf(first)) return undefined;
  if (since !== undefined && release < rankOf(since)) return undefined;
  const fix = numberBefore[name]?.[table]?.find(([version]) => release < rankOf(version));
  const number = fix === undefined ? newestNumber(name, table) : (fix[1] ?? undefined);
  if (number === undefined) return pseudoWithBase(name, table, numberBase, libseccomp);
  return number + baseIn(table, numberBase, libseccomp);
}

/** The number that a release makes of a multiplexed name where it adds the base to its pseudo number (-101, -201, …). */
function pseudoWithBase(name: string, table: string, base: number, libseccomp: string): number | undefined {
  if (!json.pseudoWithBase.some((row) => row.release === libseccomp && row.tables.includes(table)))
    return undefined;
  const [socket, ipc] = [SOCKET_CALLS.get(name), IPC_CALLS.get(name)];
  if (socket !== undefined) return base - 100 - socket;
  return ipc === undefined ? undefined : base - 200 - ipc;
}

function baseIn(table: string, base: number, libseccomp: string): number {
  return json.baseMissing.some((row) => row.table === table && row.release === libseccomp) ? 0 : base;
}

/** How a call is also made through one of the multiplexing calls, and its number there. */
export interface Multiplexed {
  readonly via: 'socketcall' | 'ipc';
  readonly call: number;
}

function multiplexing(row: Abi, libseccomp: string): (typeof json.multiplexing)[number] | undefined {
  const release = tableRank(libseccomp);
  return json.multiplexing.findLast(
    (entry) => entry.tables.includes(row.table) && rankOf(entry.since) <= release,
  );
}

/**
 * The multiplexing call that reaches `name` on an ABI: in the kernel, or, with a release given, only where that
 * release adds a rule on it for a rule on `name` (syscalls.c abi_rule_add and its predecessors).
 */
export function multiplexed(name: string, abiName: AbiName, libseccomp?: string): Multiplexed | undefined {
  const row = abi(abiName);
  const socket = SOCKET_CALLS.get(name);
  const call = socket ?? IPC_CALLS.get(name);
  if (call === undefined) return undefined;
  const via = socket === undefined ? 'ipc' : 'socketcall';
  if (!row[via]) return undefined;
  if (libseccomp !== undefined) {
    if (!isKnownName(name, libseccomp)) return undefined;
    if (call > (multiplexing(row, libseccomp)?.[via] ?? 0)) return undefined;
  }
  return { via, call };
}

/**
 * What seccomp_syscall_resolve_name_arch answers: a number, `'pseudo'` for any negative number but -1, or undefined
 * for -1. A multiplexed name is pseudo on its ABIs even where a direct call exists, so it does not count for runc's
 * ENOSYS stub.
 */
export function resolvedNumber(
  name: string,
  abiName: AbiName,
  libseccomp: string,
): number | 'pseudo' | undefined {
  if (!isKnownName(name, libseccomp)) return undefined;
  const way = multiplexed(name, abiName, libseccomp);
  if (way !== undefined) {
    const pseudo: readonly string[] = multiplexing(abi(abiName), libseccomp)?.pseudo ?? [];
    if (pseudo.includes(way.via) || pseudo.includes(name)) return 'pseudo';
  }
  return numberInRelease(name, abiName, libseccomp) ?? 'pseudo';
}

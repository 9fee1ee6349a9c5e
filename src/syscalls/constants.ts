import json from '../../data/constants.json' with { type: 'json' };
import type { AbiName } from './abi.js';

/** Constants that one argument takes: `enum` is one of them, `flags` an OR of them (with a field of plain numbers in some). */
export interface ConstantGroup {
  readonly kind: 'enum' | 'flags';
  /** Bits of a flags word that hold a number and not flags, e.g. the file type of a mode. */
  readonly field: number;
  /** Where the numbers of the field have their names; the group itself unless said otherwise. */
  readonly fieldGroup: string;
  readonly members: ReadonlyMap<string, bigint>;
}

interface Row {
  readonly kind: string;
  readonly field?: number;
  readonly fieldGroup?: string;
  readonly members: Readonly<Record<string, number>>;
}

const rows = json.groups as Readonly<Record<string, Row>>;
const uses = json.arguments as Readonly<Record<string, Readonly<Record<string, string>>>>;
const overrides = new Map(
  json.overrides.flatMap(({ abis, members }) =>
    abis.map((abi) => [abi, members as Readonly<Record<string, number>>] as const),
  ),
);

const groups = new Map<string, ConstantGroup>();
const values = new Map<AbiName, ReadonlyMap<string, bigint>>();

/** A group by its word (`AF`, `CLONE`, `ERRNO`, …), with an ABI's own values. */
export function constantGroup(name: string, abi: AbiName): ConstantGroup | undefined {
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row === undefined) return undefined;
  const key = `${name} ${abi}`;
  const known = groups.get(key);
  if (known !== undefined) return known;
  const own = overrides.get(abi);
  const members = new Map(
    Object.entries(row.members).map(([word, value]) => [word, BigInt(own?.[word] ?? value)]),
  );
  const group: ConstantGroup = {
    kind: row.kind === 'flags' ? 'flags' : 'enum',
    field: row.field ?? 0,
    fieldGroup: row.fieldGroup ?? name,
    members,
  };
  groups.set(key, group);
  return group;
}

function valuesOf(abi: AbiName): ReadonlyMap<string, bigint> {
  const known = values.get(abi);
  if (known !== undefined) return known;
  const all = new Map(Object.keys(rows).flatMap((name) => [...(constantGroup(name, abi)?.members ?? [])]));
  values.set(abi, all);
  return all;
}

/**
 * The number of a constant on an ABI; -1 and the like are negative.
 *
 * @example constantValue('AF_VSOCK', 'x86_64') // 40n
 * @example constantValue('SOCK_STREAM', 'mips') // 2n
 */
export function constantValue(word: string, abi: AbiName): bigint | undefined {
  return valuesOf(abi).get(word);
}

/** Every constant's name. */
export const constantNames: readonly string[] = [
  ...new Set(Object.values(rows).flatMap((row) => Object.keys(row.members))),
];

/** The group that an argument of a call takes its constants from; `PROTOCOL` depends on the socket's family. */
export function constantGroupOf(call: string, argument: string): string | undefined {
  const row = Object.hasOwn(uses, call) ? uses[call] : undefined;
  return row !== undefined && Object.hasOwn(row, argument) ? row[argument] : undefined;
}

/** The errno's number where it is known on this ABI. */
export function errnoNumber(name: string, abi: AbiName): number | undefined {
  const value = constantGroup('ERRNO', abi)?.members.get(name);
  return value === undefined ? undefined : Number(value);
}

/**
 * The name of an errno, which differs by ABI (ENOSYS is 38 on most, 89 on MIPS).
 *
 * @example errnoName(38, 'x86_64') // 'ENOSYS'
 * @example errnoName(89, 'mips') // 'ENOSYS'
 */
export function errnoName(number: number, abi: AbiName): string | undefined {
  const wanted = BigInt(number);
  for (const [name, value] of constantGroup('ERRNO', abi)?.members ?? []) if (value === wanted) return name;
  return undefined;
}

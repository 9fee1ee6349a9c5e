import type { AbiName } from './abi.js';
import { type ConstantGroup, constantGroup } from './constants.js';

const MASK64 = (1n << 64n) - 1n;

export function hex(value: bigint): string {
  return `0x${(value & MASK64).toString(16)}`;
}

function bitCount(value: bigint): number {
  let count = 0;
  for (let rest = value; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

/** The first member of each value, as registers of some width hold it. */
const namesByValue = new WeakMap<ConstantGroup, Map<number, ReadonlyMap<bigint, string>>>();

/** A member with exactly this value, as a register of `bits` bits holds it. */
function exact(group: ConstantGroup, value: bigint, bits: number): string | undefined {
  const widths = namesByValue.get(group) ?? new Map<number, ReadonlyMap<bigint, string>>();
  namesByValue.set(group, widths);
  let names = widths.get(bits);
  if (names === undefined) {
    const members = [...group.members].reverse();
    names = new Map(members.map(([name, member]) => [BigInt.asUintN(bits, member), name]));
    widths.set(bits, names);
  }
  return names.get(value);
}

/** Names of flags that make up `value`, the widest first, and what is left without a name. */
function flagNames(
  group: ConstantGroup,
  value: bigint,
): { readonly names: readonly string[]; readonly rest: bigint } {
  const field = BigInt(group.field);
  const candidates = [...group.members]
    .filter(([, member]) => member > 0n && (member & field) === 0n)
    .sort(([, a], [, b]) => bitCount(b) - bitCount(a));
  const found: (readonly [string, bigint])[] = [];
  let rest = value;
  for (const [name, member] of candidates) {
    if ((rest & member) !== member) continue;
    found.push([name, member]);
    rest &= ~member;
  }
  found.sort(([, a], [, b]) => (a < b ? -1 : 1));
  return { names: found.map(([name]) => name), rest };
}

/**
 * A value in the words of a group, as strace prints it: flags joined by `|`, what has no name in hex.
 *
 * @param bits width of the argument, 32 or 64; negative constants (`AT_FDCWD`) are compared at that width
 * @example constantText('CLONE', 0x10000011n, 'x86_64') // 'CLONE_NEWUSER|SIGCHLD'
 */
export function constantText(groupName: string, value: bigint, abi: AbiName, bits = 64): string {
  const group = constantGroup(groupName, abi);
  const unsigned = BigInt.asUintN(bits, value);
  if (group === undefined) return plain(value, bits);
  if (groupName === 'S') return modeText(unsigned, group);
  // All ones is a question (personality(2)) or "none", never a choice of every flag.
  const allOnes = unsigned === (1n << BigInt(bits)) - 1n;
  if (allOnes && group.kind !== 'enum' && exact(group, unsigned, bits) === undefined) return hex(unsigned);
  const name = exact(group, unsigned, bits);
  const field = BigInt(group.field);
  // A lone flag still has a field of 0, which may have a name of its own: O_RDONLY|O_CLOEXEC.
  if (name !== undefined && (field === 0n || (unsigned & field) !== 0n || unsigned === 0n)) return name;
  if (group.kind === 'enum') return plain(value, bits);
  const inField = unsigned & field;
  const { names, rest } = flagNames(group, unsigned & ~field);
  if (names.length === 0) return plain(value, bits);
  const fieldMembers = constantGroup(group.fieldGroup, abi)?.members ?? new Map<string, bigint>();
  const fieldName =
    field === 0n ? undefined : [...fieldMembers].find(([, member]) => member === inField)?.[0];
  // CLONE's field is a signal and stands last; the others' is the main word and stands first.
  const last = group.fieldGroup !== groupName;
  const fieldText = fieldName ?? (inField === 0n ? undefined : hex(inField));
  const flags = [...names, ...(rest === 0n ? [] : [hex(rest)])];
  if (fieldText === undefined) return flags.join('|');
  return (last ? [...flags, fieldText] : [fieldText, ...flags]).join('|');
}

/** Small numbers in decimal, negative ones with their sign, the rest in hex. */
export function plain(value: bigint, bits: number): string {
  const signed = BigInt.asIntN(bits, value);
  if (signed < 0n && signed >= -4095n) return signed.toString();
  const unsigned = BigInt.asUintN(bits, value);
  return unsigned < 1000n ? unsigned.toString() : hex(unsigned);
}

/** File modes read best with the type by name and the permissions in octal. */
function modeText(value: bigint, group: ConstantGroup): string {
  const field = BigInt(group.field);
  const type = [...group.members].find(([, member]) => member !== 0n && member === (value & field))?.[0];
  const rest = type === undefined ? value : value & ~field;
  const octal = rest === 0n ? '0' : `0${rest.toString(8).padStart(3, '0')}`;
  return type === undefined ? octal : `${type}|${octal}`;
}

import type { OciArg } from '../profile/argument.js';
import type { AbiName } from '../syscalls/abi.js';
import { constantGroup, constantGroupOf } from '../syscalls/constants.js';
import { type Argument, signatureOf } from '../syscalls/signature.js';
import type { RecordedCall } from './recording.js';

/** How a call may be made: alternatives, each a list of comparisons that hold together. */
export type Restriction =
  | { readonly kind: 'restricted'; readonly alternatives: readonly (readonly OciArg[])[] }
  | { readonly kind: 'any'; readonly reason: string };

/** With more alternatives than this a rule for each says nothing any more. */
export const MOST_ALTERNATIVES = 16;

/**
 * The comparisons that let exactly the recorded values through, generalised where an argument is a set of flags: any
 * combination of the flags that were seen, and no other flag. A number that a word of flags holds beside them (the
 * signal of clone, the type of socket) is compared as a number.
 *
 * @param name the call's, on the ABI of `call`
 */
export function restrict(name: string, { abi, args, argsIncomplete }: RecordedCall): Restriction {
  if (args === undefined || args.length === 0)
    return { kind: 'any', reason: 'its argument values were not recorded' };
  if (argsIncomplete === true)
    return { kind: 'any', reason: 'more different values were passed than a recording keeps' };
  const groups = new Map<string, Map<number, Part>>();
  for (const { values } of args) {
    const parts = Object.entries(values).map(([index, value]) => partOf(name, abi, Number(index), value));
    const key = parts.map(({ index, plain, wide }) => `${index} ${plain} ${wide}`).join();
    const group = groups.get(key) ?? new Map<number, Part>();
    groups.set(key, group);
    for (const part of parts) {
      const seen = group.get(part.index);
      group.set(part.index, seen === undefined ? part : { ...seen, flags: seen.flags | part.flags });
    }
  }
  if (groups.size > MOST_ALTERNATIVES)
    return { kind: 'any', reason: `${groups.size} different values were passed` };
  const alternatives = [...groups.values()].map((group) =>
    [...group.values()].map(comparison).filter(({ op, value }) => op !== MASKED || value !== 0n),
  );
  if (alternatives.some((all) => all.length === 0))
    return { kind: 'any', reason: 'every bit of its flags was passed' };
  return { kind: 'restricted', alternatives: alternatives.sort(byValues) };
}

const MASKED = 'SCMP_CMP_MASKED_EQ';

/** Smaller numbers first, so that equal recordings make equal profiles. */
function byValues(one: readonly OciArg[], other: readonly OciArg[]): number {
  for (const [position, { op, value, valueTwo }] of one.entries()) {
    const [a, theirs] = [op === MASKED ? valueTwo : value, other[position]];
    const b = theirs === undefined ? a : theirs.op === MASKED ? theirs.valueTwo : theirs.value;
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

/** A value cut in two: bits that are flags, and the rest, which is compared as it is. */
interface Part {
  readonly index: number;
  readonly plain: bigint;
  readonly flags: bigint;
  /** The argument is a word of flags. */
  readonly isFlags: boolean;
  /** How many low bits the kernel reads. */
  readonly bits: number;
  /** Bits were set that the kernel does not read, or that another compiler may set (the sign of a 32-bit number). */
  readonly wide: boolean;
}

function partOf(name: string, abi: AbiName, index: number, register: bigint): Part {
  const argument = signatureOf(name, abi)?.args[index];
  const bits = argument === undefined || argument.bits === 0 ? 64 : argument.bits;
  const value = BigInt.asUintN(bits, register);
  // All ones is a question (personality(2)) or "none", never a choice of every flag.
  const allOnes = value === (1n << BigInt(bits)) - 1n;
  const field = allOnes ? undefined : flagField(name, abi, argument);
  if (field !== undefined) {
    const plain = value & field;
    return { index, plain, flags: value & ~plain, isFlags: true, bits, wide: false };
  }
  const wide = value !== register || (bits < 64 && value >> BigInt(bits - 1) !== 0n);
  return { index, plain: value, flags: 0n, isFlags: false, bits, wide };
}

/** Bits of a word of flags that hold a number; undefined where the argument is no word of flags. */
function flagField(name: string, abi: AbiName, argument: Argument | undefined): bigint | undefined {
  if (argument === undefined) return undefined;
  const groupName = constantGroupOf(name, argument.name);
  const group = groupName === undefined ? undefined : constantGroup(groupName, abi);
  if (group !== undefined) return group.kind === 'flags' ? BigInt(group.field) : undefined;
  return argument.kind === 'flags' ? 0n : undefined;
}

function comparison({ index, plain, flags, isFlags, bits, wide }: Part): OciArg {
  const all = (1n << BigInt(bits)) - 1n;
  if (isFlags) return { index, value: all & ~flags, valueTwo: plain, op: MASKED };
  if (wide) return { index, value: all, valueTwo: plain, op: MASKED };
  return { index, value: plain, valueTwo: 0n, op: 'SCMP_CMP_EQ' };
}

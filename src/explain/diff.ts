import { type Action, sameAction } from '../policy/action.js';
import { comparePolicies, type Difference } from '../policy/compare.js';
import type { Diagrams } from '../policy/diagram.js';
import type { Decision, Policy } from '../policy/policy.js';
import { type AnswerPair, answerPairs, argumentsRead } from '../policy/product.js';
import { reachOf } from '../policy/reach.js';
import type { AbiName } from '../syscalls/abi.js';
import { abiOfCall, abis } from '../syscalls/abis.js';
import { syscallsOf } from '../syscalls/table.js';
import { type Answer, answerTo } from './answer.js';
import { boundedDiagrams } from './bounded.js';

/** Everything that two policies answer differently. Nothing in it: they are proved equal. */
export interface PolicyDiff {
  readonly equal: boolean;
  /** Calls that have a name on their ABI: those of the native ABI first, then by number. */
  readonly changes: readonly CallChange[];
  /** Numbers that no table knows, as ranges. */
  readonly unnamed: readonly NumberChange[];
  /** Architectures that neither filter names. */
  readonly otherArchitectures?: { readonly from: Action; readonly to: Action };
}

/** How far calls get before and after. */
export interface Measured {
  /** Arguments with which the call gets further than before; absent: none. */
  readonly widened?: Extent;
  /** Arguments with which it gets less far. */
  readonly narrowed?: Extent;
  readonly example: DifferenceExample;
}

export interface Change extends Measured {
  readonly from: Answer;
  readonly to: Answer;
}

interface NamedCall {
  readonly syscall: string;
  /** As in seccomp_data.nr. */
  readonly number: number;
  readonly abi: AbiName;
}

interface UnnamedNumbers {
  /** Absent: an architecture that no ABI of the tables has. */
  readonly abi?: AbiName;
  readonly auditArch: number;
  readonly first: number;
  readonly last: number;
}

/** A named call that two policies answer differently. */
export interface CallChange extends Change, NamedCall {}

/** Numbers without a name that two policies answer differently. */
export interface NumberChange extends Change, UnnamedNumbers {}

/** How many values of the arguments that either side looks at; no arguments: `1 of 1`, it is so for all of them. */
export interface Extent {
  readonly arguments: readonly number[];
  readonly count: bigint;
  readonly of: bigint;
}

/** One call that shows a difference. */
export interface DifferenceExample {
  /** Six registers; those that nobody looks at are undefined. */
  readonly args: readonly (bigint | undefined)[];
  readonly left: Action;
  readonly right: Action;
}

/** A change before its answers are put into words, which takes long where they are many. */
interface Untold extends Measured {
  readonly left: Decision;
  readonly right: Decision;
}

export interface UntoldCall extends Untold, NamedCall {}

export interface UntoldNumbers extends Untold, UnnamedNumbers {}

/** As {@link PolicyDiff}. */
export interface UntoldDiff extends Pick<PolicyDiff, 'equal' | 'otherArchitectures'> {
  readonly changes: readonly UntoldCall[];
  readonly unnamed: readonly UntoldNumbers[];
}

/**
 * Compares two policies over every audit arch, all 2³² numbers and all argument bits.
 *
 * @param native its calls come first
 * @throws CallgateError `INPUT` when conditions over arguments are too many to compare
 * @example diffPolicies(policy, policy, 'x86_64').equal // true
 */
export function diffPolicies(left: Policy, right: Policy, native: AbiName): PolicyDiff {
  const { changes, unnamed, ...rest } = measurePolicies(left, right, native);
  return { ...rest, changes: changes.map(toldCall), unnamed: unnamed.map(toldNumbers) };
}

/** As {@link diffPolicies}, without the answers. */
export function measurePolicies(left: Policy, right: Policy, native: AbiName): UntoldDiff {
  return boundedDiagrams((diagrams) => {
    const differences = comparePolicies(left, right, diagrams);
    const changes: UntoldCall[] = [];
    const unnamed: UntoldNumbers[] = [];
    let otherArchitectures: PolicyDiff['otherArchitectures'];
    for (const difference of differences) {
      const { auditArch } = difference;
      if (auditArch === undefined) otherArchitectures = { from: left.otherArch, to: right.otherArch };
      else {
        const { left: from, right: to } = difference;
        const untold: Untold = { left: from, right: to, ...measure(difference, diagrams) };
        const calls = namedIn(auditArch, difference);
        for (const call of calls) changes.push({ ...call, ...untold });
        unnamed.push(...unnamedIn(auditArch, difference, untold, calls));
      }
    }
    const rank = ({ abi }: NamedCall): number =>
      abi === native ? -1 : abis.findIndex(({ name }) => name === abi);
    return {
      equal: differences.length === 0,
      changes: changes.sort((a, b) => rank(a) - rank(b) || a.number - b.number),
      unnamed: joined(unnamed),
      ...(otherArchitectures === undefined ? {} : { otherArchitectures }),
    };
  });
}

function measure({ left, right }: Difference, diagrams: Diagrams): Measured {
  const [a, b] = [diagrams.of(left), diagrams.of(right)];
  const read = argumentsRead(diagrams, a, b);
  const pairs = answerPairs(diagrams, a, b);
  const wider = pairs.filter((pair) => gain(pair) > 0);
  const narrower = pairs.filter((pair) => gain(pair) < 0);
  const shown = wider[0] ?? narrower[0] ?? pairs.find((pair) => !sameAction(pair.left, pair.right));
  if (shown === undefined) throw new RangeError('decisions that differ have no pair of answers that differs');
  const args = shown.example.map((value, index) => (read.includes(index) ? value : undefined));
  return {
    ...(wider.length === 0 ? {} : { widened: extent(wider, read) }),
    ...(narrower.length === 0 ? {} : { narrowed: extent(narrower, read) }),
    example: { args, left: shown.left, right: shown.right },
  };
}

const gain = ({ left, right }: AnswerPair): number => reachOf(right) - reachOf(left);

function extent(pairs: readonly AnswerPair[], read: readonly number[]): Extent {
  const unread = BigInt(64 * (6 - read.length));
  const count = pairs.reduce((sum, pair) => sum + pair.count, 0n);
  return { arguments: read, count: count >> unread, of: 1n << BigInt(64 * read.length) };
}

function namedIn(auditArch: number, { from, to }: Difference): readonly NamedCall[] {
  return abis
    .filter((row) => row.auditArch === auditArch)
    .flatMap(({ name: abi }) =>
      syscallsOf(abi)
        .filter(({ number }) => from <= number && number <= to)
        .map(({ name, number }) => ({ syscall: name, number, abi })),
    );
}

/** The change with its answers in words. */
export function toldCall({ syscall, number, abi, left, right, ...measured }: UntoldCall): CallChange {
  const call = { name: syscall, number, abi };
  return { syscall, number, abi, from: answerTo(left, call), to: answerTo(right, call), ...measured };
}

/** As {@link toldCall}. */
export function toldNumbers({
  abi,
  auditArch,
  first,
  last,
  left,
  right,
  ...measured
}: UntoldNumbers): NumberChange {
  const call = { number: first, abi: abi ?? 'x86_64' };
  const numbers = { ...(abi === undefined ? {} : { abi }), auditArch, first, last };
  return { ...numbers, from: answerTo(left, call), to: answerTo(right, call), ...measured };
}

/** x32 numbers have bit 30. */
const X32_STEP = 0x40000000;

function unnamedIn(
  auditArch: number,
  difference: Difference,
  untold: Untold,
  calls: readonly NamedCall[],
): readonly UntoldNumbers[] {
  const found: UntoldNumbers[] = [];
  const named = new Set(calls.map(({ number }) => number));
  const bounds = [...named].flatMap((number) => [number, number + 1]);
  for (let step = X32_STEP; step <= difference.to; step += X32_STEP) bounds.push(step);
  const starts = [
    difference.from,
    ...bounds.filter((bound) => difference.from < bound && bound <= difference.to),
  ];
  const sorted = [...new Set(starts)].sort((a, b) => a - b);
  for (const [index, first] of sorted.entries()) {
    if (named.has(first)) continue;
    const last = (sorted[index + 1] ?? difference.to + 1) - 1;
    const abi = abiOfCall(auditArch, first);
    found.push({ ...(abi === undefined ? {} : { abi }), auditArch, first, last, ...untold });
  }
  return found;
}

/** Neighbouring ranges with the same change are one. */
function joined(ranges: readonly UntoldNumbers[]): readonly UntoldNumbers[] {
  const result: UntoldNumbers[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (
      last !== undefined &&
      last.auditArch === range.auditArch &&
      last.abi === range.abi &&
      last.last + 1 === range.first &&
      last.example === range.example
    )
      result[result.length - 1] = { ...last, last: range.last };
    else result.push(range);
  }
  return result;
}

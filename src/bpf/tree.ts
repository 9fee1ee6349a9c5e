import { bitTree } from './bitTree.js';
import { chainFinder } from './chain.js';
import type { Comparison } from './graph.js';
import { buildRun, intervalSolver } from './intervals.js';

/** Neighbouring intervals of a 32-bit word with what to do in each; neighbours differ in `target`. */
export interface Leaf<T> {
  readonly from: number;
  readonly to: number;
  readonly target: T;
  /** How often the word falls here; any unit, but not negative. */
  readonly weight: number;
}

/** Makes a comparison of the word with a value; see BitTests for the one with a mask. */
export type Join<T> = (op: Exclude<Comparison, 'gt'>, value: number, then: T, otherwise: T) => T;

/** What is needed to tell leaves apart by bits of the word too. */
export interface BitTests<T> {
  /** Makes a test whether some bit of a mask is set in the word. */
  readonly join: (mask: number, then: T, otherwise: T) => T;
  /** The weight of one value of the word, which a mask may part from its neighbours. */
  readonly weigh: (value: number) => number;
  /** How much of all that is compiled these leaves are, 0 to 1: less of it is worth less of a search. */
  readonly share: number;
}

export interface SearchOptions<T> {
  readonly bits?: BitTests<T>;
  /** Fewer instructions before a short way. */
  readonly small?: boolean;
}

interface Form {
  /** What one more comparison may cost, as a share of one comparison executed by every call. */
  readonly price: number;
  /** A run of this many leaves may be served by a chain of equalities. */
  readonly chain: number;
}

const QUICK: Form = { price: 0.001, chain: 9 };
/** One comparison in sixteen is of order. */
const SMALL: Form = { price: 1, chain: 33 };
/** The dynamic program is quadratic in memory; larger lists are first halved by weight. */
const MAX_EXACT = 256;
/** The same for lists of values of an argument, which are longer and have no weights of their own. */
const MAX_LIST = 64;
/** A single value with this share of all weight is asked for first. */
const HEAVY = 0.4;
/** Runs with less of all weight than this are not worth the search for masks. */
const LIGHT = 0.05;

interface Task<T> {
  readonly join: Join<T>;
  readonly bits: BitTests<T> | undefined;
  /** The weight of all leaves. */
  readonly total: number;
  readonly form: Form;
}

/**
 * The comparisons that find a word's interval, cheapest on average: an optimal alphabetic tree, of which, with tests of bits,
 * the parts that are asked for often enough are made better by tests of bits.
 */
export function searchTree<T>(
  leaves: readonly Leaf<T>[],
  join: Join<T>,
  { bits, small = false }: SearchOptions<T> = {},
): T {
  const total = weightOf(leaves);
  const form = small ? SMALL : QUICK;
  return total > 0
    ? peel(leaves, total, { join, bits, total, form })
    : peel(
        leaves.map((leaf) => ({ ...leaf, weight: 1 })),
        leaves.length,
        { join, bits: undefined, total: leaves.length, form },
      );
}

function weightOf<T>(leaves: readonly Leaf<T>[]): number {
  return leaves.reduce((sum, { weight }) => sum + weight, 0);
}

function peel<T>(leaves: readonly Leaf<T>[], total: number, task: Task<T>): T {
  const heavy =
    leaves.length < 3 ? -1 : leaves.findIndex((leaf) => leaf.from === leaf.to && leaf.weight > HEAVY * total);
  const leaf = leaves[heavy];
  if (leaf === undefined) return halve(leaves, total, task);
  const rest = [...leaves.slice(0, heavy), ...leaves.slice(heavy + 1)];
  const [before, after] = [rest[heavy - 1], rest[heavy]];
  if (before !== undefined && after !== undefined && before.target === after.target) {
    rest.splice(heavy - 1, 2, { ...before, to: after.to, weight: before.weight + after.weight });
  }
  const { bits } = task;
  const others = bits && {
    ...bits,
    weigh: (value: number) => (value === leaf.from ? 0 : bits.weigh(value)),
  };
  return task.join('eq', leaf.from, leaf.target, peel(rest, total - leaf.weight, { ...task, bits: others }));
}

function halve<T>(leaves: readonly Leaf<T>[], total: number, task: Task<T>): T {
  if (leaves.length <= (task.bits === undefined ? MAX_LIST : MAX_EXACT)) return optimal(leaves, total, task);
  // Near the middle in weight, but never so lopsided that the recursion grows with the list.
  const margin = leaves.length >> 3;
  let split = 0;
  for (let sum = 0; split < leaves.length - margin && (split < margin || sum < total / 2); split++) {
    sum += leaves[split]?.weight ?? 0;
  }
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  const value = right[0]?.from ?? 0;
  return task.join('ge', value, halve(right, weightOf(right), task), halve(left, weightOf(left), task));
}

function optimal<T>(leaves: readonly Leaf<T>[], total: number, { join, bits, total: all, form }: Task<T>): T {
  const price = form.price * Math.max(total, Number.MIN_VALUE);
  const weights = leaves.map(({ weight }) => weight);
  const tree = intervalSolver(price)(weights, leaves.length, chainFinder(leaves, price, form.chain));
  const better = bits === undefined ? undefined : bitTree(join, bits, price, (LIGHT * all) / bits.share);
  const build = (i: number, j: number): T => {
    if (i === j) return (leaves[i] as Leaf<T>).target;
    const parted = better?.(leaves.slice(i, j + 1));
    return parted ?? buildRun(leaves, i, j, tree.choice(i, j), join, build);
  };
  return build(0, leaves.length - 1);
}

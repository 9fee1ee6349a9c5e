import type { Comparison } from './graph.js';
import { lowest, MAX_RUN, solveRuns } from './subsets.js';

/** Neighbouring intervals of a 32-bit word with what to do in each; neighbours differ in `target`. */
export interface Leaf<T> {
  readonly from: number;
  readonly to: number;
  readonly target: T;
  /** How often the word falls here; any unit, but not negative. */
  readonly weight: number;
}

/** Makes a comparison of the word with a value; see BitJoin for the one with a mask. */
export type Join<T> = (op: Exclude<Comparison, 'gt'>, value: number, then: T, otherwise: T) => T;

/** Makes a test whether some bit of a mask is set in the word. */
export type BitJoin<T> = (mask: number, then: T, otherwise: T) => T;

interface Joins<T> {
  readonly join: Join<T>;
  readonly joinBits: BitJoin<T> | undefined;
}

/** What one more comparison may cost, as a share of one comparison executed by every call. */
const SIZE_PRICE = 0.001;
/** The dynamic program is quadratic in memory; larger lists are first halved by weight. */
const MAX_EXACT = 160;
/** The same for lists of values of an argument, which are longer and have no weights of their own. */
const MAX_LIST = 64;
/** A run of this many leaves may be served by a chain of equalities. */
const MAX_CHAIN = 9;
/** A single value with this share of all weight is asked for first. */
const HEAVY = 0.4;

/**
 * The comparisons that find a word's interval, cheapest on average: an optimal alphabetic tree (Knuth's dynamic
 * program over splits), where short runs may also be a chain of equalities that cuts single values out of one target,
 * and, with `joinBits`, any tree that tests of bits make possible.
 */
export function searchTree<T>(leaves: readonly Leaf<T>[], join: Join<T>, joinBits?: BitJoin<T>): T {
  const joins = { join, joinBits };
  const total = leaves.reduce((sum, leaf) => sum + leaf.weight, 0);
  return total > 0
    ? peel(leaves, total, joins)
    : peel(
        leaves.map((leaf) => ({ ...leaf, weight: 1 })),
        leaves.length,
        joins,
      );
}

function peel<T>(leaves: readonly Leaf<T>[], total: number, joins: Joins<T>): T {
  const heavy =
    leaves.length < 3 ? -1 : leaves.findIndex((leaf) => leaf.from === leaf.to && leaf.weight > HEAVY * total);
  const leaf = leaves[heavy];
  if (leaf === undefined) return halve(leaves, total, joins);
  const rest = [...leaves.slice(0, heavy), ...leaves.slice(heavy + 1)];
  const [before, after] = [rest[heavy - 1], rest[heavy]];
  if (before !== undefined && after !== undefined && before.target === after.target) {
    rest.splice(heavy - 1, 2, { ...before, to: after.to, weight: before.weight + after.weight });
  }
  return joins.join('eq', leaf.from, leaf.target, peel(rest, total - leaf.weight, joins));
}

function halve<T>(leaves: readonly Leaf<T>[], total: number, joins: Joins<T>): T {
  if (leaves.length <= (joins.joinBits === undefined ? MAX_LIST : MAX_EXACT))
    return optimal(leaves, total, joins);
  // Near the middle in weight, but never so lopsided that the recursion grows with the list.
  const margin = leaves.length >> 3;
  let split = 0;
  for (let sum = 0; split < leaves.length - margin && (split < margin || sum < total / 2); split++) {
    sum += leaves[split]?.weight ?? 0;
  }
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  const value = right[0]?.from ?? 0;
  const weigh = (side: readonly Leaf<T>[]) => side.reduce((sum, leaf) => sum + leaf.weight, 0);
  return joins.join('ge', value, halve(right, weigh(right), joins), halve(left, weigh(left), joins));
}

function optimal<T>(leaves: readonly Leaf<T>[], total: number, { join, joinBits }: Joins<T>): T {
  const n = leaves.length;
  const price = SIZE_PRICE * Math.max(total, Number.MIN_VALUE);
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = (sums[i] as number) + (leaves[i] as Leaf<T>).weight;
  const cost = new Float64Array(n * n);
  // First leaf of the right half; or, for a chain, -1 - the leaf whose target remains; or SUBSET.
  const choice = new Int16Array(n * n);
  const chains = chainFinder(leaves, sums, price);
  const runs = joinBits === undefined ? undefined : solveRuns(leaves, price);
  for (let i = 0; i < n; i++) choice[i * n + i] = i;
  for (let length = 2; length <= n; length++) {
    for (let i = 0, j = length - 1; j < n; i++, j++) {
      // Knuth: the best split lies between those of the two intervals that are one shorter.
      let low = Math.max(i + 1, splitOf(choice[i * n + j - 1] as number, i + 1));
      let high = splitOf(choice[(i + 1) * n + j] as number, j);
      if (high < low) [low, high] = [i + 1, j];
      let best = Number.POSITIVE_INFINITY;
      let at = low;
      for (let k = low; k <= high; k++) {
        const both = (cost[i * n + k - 1] as number) + (cost[k * n + j] as number);
        if (both < best) {
          best = both;
          at = k;
        }
      }
      best += (sums[j + 1] as number) - (sums[i] as number) + price;
      if (length > 2 && length <= MAX_CHAIN) {
        const chain = chains.best(i, j);
        if (chains.cost() < best) {
          best = chains.cost();
          at = -1 - chain;
        }
      }
      if (runs !== undefined && length > 2 && length <= MAX_RUN && length <= runs.length(i)) {
        const least = runs.cost(i, (1 << length) - 1);
        if (least < best) {
          best = least;
          at = SUBSET;
        }
      }
      cost[i * n + j] = best;
      choice[i * n + j] = at;
    }
  }

  const buildSubset = (first: number, subset: number): T => {
    const skipped = lowest(subset);
    const [i, set] = [first + skipped, subset >> skipped];
    const question = runs?.question(i, set);
    if (question === undefined || joinBits === undefined) return (leaves[i] as Leaf<T>).target;
    const { op, value, yes, no } = question;
    const [then, otherwise] = [buildSubset(i, set & yes), buildSubset(i, set & no)];
    return op === 'set' ? joinBits(value, then, otherwise) : join(op, value, then, otherwise);
  };
  const build = (i: number, j: number): T => {
    const first = leaves[i] as Leaf<T>;
    if (i === j) return first.target;
    const at = choice[i * n + j] as number;
    if (at === SUBSET) return buildSubset(i, (1 << (j - i + 1)) - 1);
    if (at < 0) return chain(leaves.slice(i, j + 1), (leaves[-1 - at] as Leaf<T>).target, join);
    const right = leaves[at] as Leaf<T>;
    if (at === j && right.from === right.to) return join('eq', right.from, right.target, build(i, at - 1));
    if (at === i + 1 && first.from === first.to) return join('eq', first.from, first.target, build(at, j));
    return join('ge', right.from, build(at, j), build(i, at - 1));
  };
  return build(0, n - 1);
}

/** A choice: what solveRuns() found. */
const SUBSET = -0x8000;

function splitOf(choice: number, otherwise: number): number {
  return choice < 0 ? otherwise : choice;
}

/** Finds, for a short run, the target that costs least when every other leaf is a single value asked for by equality. */
function chainFinder<T>(leaves: readonly Leaf<T>[], sums: Float64Array, price: number) {
  const weights = new Float64Array(MAX_CHAIN);
  let found = Number.POSITIVE_INFINITY;
  function costFor(i: number, j: number, target: T): number {
    let count = 0;
    for (let at = i; at <= j; at++) {
      const leaf = leaves[at] as Leaf<T>;
      if (leaf.target === target) continue;
      if (leaf.from !== leaf.to) return Number.POSITIVE_INFINITY;
      let slot = count++;
      for (; slot > 0 && (weights[slot - 1] as number) < leaf.weight; slot--)
        weights[slot] = weights[slot - 1] as number;
      weights[slot] = leaf.weight;
    }
    let left = (sums[j + 1] as number) - (sums[i] as number);
    let cost = count * price;
    for (let slot = 0; slot < count; slot++) {
      cost += left;
      left -= weights[slot] as number;
    }
    return cost;
  }
  return {
    cost: () => found,
    best(i: number, j: number): number {
      found = Number.POSITIVE_INFINITY;
      let best = i;
      for (let at = i; at <= j; at++) {
        const cost = costFor(i, j, (leaves[at] as Leaf<T>).target);
        if (cost < found) {
          found = cost;
          best = at;
        }
      }
      return best;
    },
  };
}

function chain<T>(leaves: readonly Leaf<T>[], rest: T, join: Join<T>): T {
  return leaves
    .filter((leaf) => leaf.target !== rest)
    .sort((a, b) => a.weight - b.weight)
    .reduce((otherwise, leaf) => join('eq', leaf.from, leaf.target, otherwise), rest);
}

import { buildRun, intervalSolver } from './intervals.js';
import { lowest, type Question, solveSubsets } from './subsets.js';
import type { BitTests, Join, Leaf } from './tree.js';

/** Words that are looked at one by one; wider runs are left to comparisons of order. */
const SPAN = 512;
/** Up to this many leaves are told apart at least cost; the work doubles with each leaf more. */
const MAX_EXACT_LEAVES = 6;

/** Words that share all bits above the lowest nine, ascending. Those in between may be known not to occur. */
type Words = readonly number[];

/** Words parted by a mask of which they have some bit, or none. */
interface Parts {
  readonly mask: number;
  readonly set: Words;
  readonly clear: Words;
}

/** Of all masks, so many are tried that promise most. */
const MAX_TRIED = 2;

/**
 * Better trees for runs of leaves, of tests of bits besides the comparisons of order. Tests are chosen from the top,
 * by what the rest would cost with comparisons of order alone; at the end, few leaves are told apart at least cost.
 *
 * @param price what each test costs beside the weight of what it is asked for
 * @param least the weight from which on a run is worth the search
 * @returns for a run its tree, undefined where tests of bits are not worth the search
 */
export function bitTree<T>(
  join: Join<T>,
  bits: BitTests<T>,
  price: number,
  least: number,
): (run: readonly Leaf<T>[]) => T | undefined {
  const solve = intervalSolver<T>(price, 0);
  const targets: T[] = new Array(SPAN);
  const weights = new Float64Array(SPAN);
  const sums = new Float64Array(SPAN);
  let base = 0;

  const leavesOf = (words: Words): Leaf<T>[] => {
    const leaves: { from: number; to: number; target: T; weight: number }[] = [];
    let last: (typeof leaves)[number] | undefined;
    for (const word of words) {
      const target = targets[word - base] as T;
      const weight = weights[word - base] as number;
      if (last?.target === target) {
        last.to = word;
        last.weight += weight;
      } else {
        last = { from: word, to: word, target, weight };
        leaves.push(last);
      }
    }
    return leaves;
  };
  const costOf = (words: Words): number => {
    const leaves = leavesOf(words);
    return solve(leaves).cost(0, leaves.length - 1);
  };

  /** Every single bit, and what leaves nothing but the heaviest target on the one side or the other. */
  const masksOf = (words: Words, leaves: readonly Leaf<T>[]): ReadonlySet<number> => {
    const [first, last] = [words[0] as number, words.at(-1) as number];
    const width = 32 - Math.clz32(first ^ last);
    const all = (1 << width) - 1;
    const masks = new Set<number>();
    for (let bit = 0; bit < width; bit++) masks.add(1 << bit);
    const target = heaviest(leaves);
    sums.fill(0, 0, all + 1);
    let others = 0;
    for (const word of words) {
      const own = targets[word - base] === target;
      if (!own) others |= word;
      sums[word & all] = own ? (weights[word - base] as number) : Number.NEGATIVE_INFINITY;
    }
    if ((all & ~others) !== 0) masks.add(all & ~others);
    // Becomes the sum over all words that have no bit outside of the index.
    for (let bit = 1; bit <= all; bit <<= 1)
      for (let index = bit; index <= all; index = (index + 1) | bit)
        sums[index] = (sums[index] as number) + (sums[index ^ bit] as number);
    let best = 0;
    let mask = 0;
    for (let index = 0; index < all; index++) {
      if ((sums[index] as number) > best) {
        best = sums[index] as number;
        mask = all & ~index;
      }
    }
    if (mask !== 0) masks.add(mask);
    return masks;
  };

  const promising = (words: Words, masks: ReadonlySet<number>): readonly number[] =>
    [...masks]
      .map((mask) => ({ mask, estimate: entropyOf(words, mask, true) + entropyOf(words, mask, false) }))
      .sort((a, b) => a.estimate - b.estimate)
      .slice(0, MAX_TRIED)
      .map(({ mask }) => mask);

  /** About what the words with some bit of a mask, or with none, cost to tell apart: the entropy of runs with one target. */
  const entropyOf = (words: Words, mask: number, some: boolean): number => {
    let total = 0;
    let run = 0;
    let sum = 0;
    let last: T | undefined;
    for (const word of words) {
      if (((word & mask) !== 0) !== some) continue;
      const target = targets[word - base];
      const weight = weights[word - base] as number;
      if (target !== last) {
        sum += bitsOf(run);
        run = 0;
        last = target;
      }
      run += weight;
      total += weight;
    }
    return bitsOf(total) - sum - bitsOf(run);
  };

  const grow = (words: Words): T => {
    const leaves = leavesOf(words);
    const n = leaves.length;
    if (n === 1) return (leaves[0] as Leaf<T>).target;
    if (n <= MAX_EXACT_LEAVES) return exact(words, leaves);
    const tree = solve(leaves);
    let best = tree.cost(0, n - 1);
    const choice = tree.choice(0, n - 1);
    const here = leaves.reduce((sum, { weight }) => sum + weight, price);
    let parts: Parts | undefined;
    if (here > least) {
      for (const mask of promising(words, masksOf(words, leaves))) {
        const set = words.filter((word) => (word & mask) !== 0);
        const clear = words.filter((word) => (word & mask) === 0);
        if (set.length === 0 || clear.length === 0) continue;
        const cost = here + costOf(set) + costOf(clear);
        if (cost < best) {
          best = cost;
          parts = { mask, set, clear };
        }
      }
    }
    if (parts !== undefined) return bits.join(parts.mask, grow(parts.set), grow(parts.clear));
    return buildRun(leaves, 0, n - 1, choice, join, (i, j) => {
      const [from, to] = [(leaves[i] as Leaf<T>).from, (leaves[j] as Leaf<T>).to];
      return grow(words.filter((word) => from <= word && word <= to));
    });
  };

  const exact = (words: Words, leaves: readonly Leaf<T>[]): T => {
    const question = solveSubsets(leaves, words, price);
    const build = (subset: number): T => {
      const asked: Question | undefined = question(subset);
      if (asked === undefined) return (leaves[lowest(subset)] as Leaf<T>).target;
      const [then, otherwise] = [build(subset & asked.yes), build(subset & asked.no)];
      return asked.op === 'set'
        ? bits.join(asked.value, then, otherwise)
        : join(asked.op, asked.value, then, otherwise);
    };
    return build((1 << leaves.length) - 1);
  };

  return (run) => {
    const [first, last] = [run[0] as Leaf<T>, run.at(-1) as Leaf<T>];
    if ((first.from ^ last.to) >>> 0 >= SPAN || run.length < 3) return undefined;
    if (run.reduce((sum, { weight }) => sum + weight, 0) < least) return undefined;
    base = (first.from & -SPAN) >>> 0;
    const words: number[] = [];
    for (const { from, to, target } of run) {
      for (let word = from; word <= to; word++) {
        targets[word - base] = target;
        weights[word - base] = bits.weigh(word);
        words.push(word);
      }
    }
    return grow(words);
  };
}

function bitsOf(weight: number): number {
  return weight > 0 ? weight * Math.log2(weight) : 0;
}

/** The target that most of the weight has. */
function heaviest<T>(leaves: readonly Leaf<T>[]): T | undefined {
  const weights = new Map<T, number>();
  for (const { target, weight } of leaves) weights.set(target, (weights.get(target) ?? 0) + weight);
  let most: T | undefined;
  for (const [target, weight] of weights)
    if (most === undefined || weight > (weights.get(most) ?? 0)) most = target;
  return most;
}

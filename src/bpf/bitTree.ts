import { buildRun, intervalSolver } from './intervals.js';
import { lowest, MAX_EXACT_LEAVES, subsetSolver } from './subsets.js';
import type { BitTests, Join, Leaf } from './tree.js';

/** Words that are looked at one by one; wider runs are left to comparisons of order. */
const SPAN = 512;
/** Of all masks, so many are tried that promise most. */
const MAX_TRIED = 2;

/** Words as distances from the base, ascending: they share all bits above. Those in between may be known not to occur. */
type Words = Uint16Array;

/** Words parted by a mask of which they have some bit, or none. */
interface Parts {
  readonly mask: number;
  readonly set: Words;
  readonly clear: Words;
}

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
  const solve = intervalSolver(price);
  const solveExactly = subsetSolver<T>(SPAN, price);
  /** By word: its target's place among all targets. */
  const targets = new Uint16Array(SPAN);
  const weights = new Float64Array(SPAN);
  const sums = new Float64Array(SPAN);
  const runs = new Float64Array(SPAN);
  const places = new Map<T, number>();
  const known: T[] = [];
  let base = 0;

  const ask: Join<T> = (op, value, then, otherwise) => join(op, base + value, then, otherwise);

  const leavesOf = (words: Words): Leaf<T>[] => {
    const leaves: Leaf<T>[] = [];
    for (let at = 0; at < words.length; ) {
      const from = words[at] as number;
      const target = targets[from] as number;
      let [to, weight] = [from, weights[from] as number];
      for (at++; at < words.length && targets[words[at] as number] === target; at++) {
        to = words[at] as number;
        weight += weights[to] as number;
      }
      leaves.push({ from, to, target: known[target] as T, weight });
    }
    return leaves;
  };

  /** What words cost to tell apart with comparisons of order. */
  const costOf = (words: Words): number => {
    let n = 0;
    let last = -1;
    for (let at = 0; at < words.length; at++) {
      const word = words[at] as number;
      const target = targets[word] as number;
      if (target !== last) runs[n++] = 0;
      runs[n - 1] = (runs[n - 1] as number) + (weights[word] as number);
      last = target;
    }
    return solve(runs, n).cost(0, n - 1);
  };

  /** Every single bit, and what leaves nothing but the heaviest target on the one side or the other. */
  const masksOf = (words: Words, leaves: readonly Leaf<T>[]): ReadonlySet<number> => {
    const width = 32 - Math.clz32((words[0] as number) ^ (words.at(-1) as number));
    const all = (1 << width) - 1;
    const masks = new Set<number>();
    for (let bit = 0; bit < width; bit++) masks.add(1 << bit);
    const target = places.get(heaviest(leaves) as T);
    sums.fill(0, 0, all + 1);
    let others = 0;
    for (let at = 0; at < words.length; at++) {
      const word = words[at] as number;
      const own = targets[word] === target;
      if (!own) others |= word;
      sums[word & all] = own ? (weights[word] as number) : Number.NEGATIVE_INFINITY;
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
    Array.from(masks, (mask) => ({ mask, estimate: estimate(words, mask) }))
      .sort((a, b) => a.estimate - b.estimate)
      .slice(0, MAX_TRIED)
      .map(({ mask }) => mask);

  /** About what both sides of a mask cost to tell apart: the entropy of runs with one target. */
  const estimate = (words: Words, mask: number): number => {
    let sum = 0;
    let [someTotal, someRun, someLast] = [0, 0, -1];
    let [noneTotal, noneRun, noneLast] = [0, 0, -1];
    for (let at = 0; at < words.length; at++) {
      const word = words[at] as number;
      const target = targets[word] as number;
      const weight = weights[word] as number;
      if ((word & mask) !== 0) {
        if (target !== someLast) {
          sum += bitsOf(someRun);
          someTotal += someRun;
          someRun = 0;
          someLast = target;
        }
        someRun += weight;
      } else {
        if (target !== noneLast) {
          sum += bitsOf(noneRun);
          noneTotal += noneRun;
          noneRun = 0;
          noneLast = target;
        }
        noneRun += weight;
      }
    }
    const totals = bitsOf(someTotal + someRun) + bitsOf(noneTotal + noneRun);
    return totals - sum - bitsOf(someRun) - bitsOf(noneRun);
  };

  const grow = (words: Words): T => {
    const leaves = leavesOf(words);
    const n = leaves.length;
    if (n === 1) return (leaves[0] as Leaf<T>).target;
    if (n <= MAX_EXACT_LEAVES) return exact(words, leaves);
    let here = price;
    for (let at = 0; at < n; at++) here += runs[at] = (leaves[at] as Leaf<T>).weight;
    const tree = solve(runs, n);
    let best = tree.cost(0, n - 1);
    const choice = tree.choice(0, n - 1);
    let parts: Parts | undefined;
    if (here > least) {
      for (const mask of promising(words, masksOf(words, leaves))) {
        const tried = part(words, mask);
        if (tried.set.length === 0 || tried.clear.length === 0) continue;
        const cost = here + costOf(tried.set) + costOf(tried.clear);
        if (cost < best) {
          best = cost;
          parts = tried;
        }
      }
    }
    if (parts !== undefined) return bits.join(parts.mask, grow(parts.set), grow(parts.clear));
    return buildRun(leaves, 0, n - 1, choice, ask, (i, j) => {
      const last = (leaves[j] as Leaf<T>).to;
      return grow(words.subarray(words.indexOf((leaves[i] as Leaf<T>).from), words.indexOf(last) + 1));
    });
  };

  const exact = (words: Words, leaves: readonly Leaf<T>[]): T => {
    const question = solveExactly(leaves, words);
    const build = (subset: number): T => {
      const asked = question(subset);
      if (asked === undefined) return (leaves[lowest(subset)] as Leaf<T>).target;
      const [then, otherwise] = [build(subset & asked.yes), build(subset & asked.no)];
      return asked.op === 'set'
        ? bits.join(asked.value, then, otherwise)
        : ask(asked.op, asked.value, then, otherwise);
    };
    return build((1 << leaves.length) - 1);
  };

  return (run) => {
    const [first, last] = [run[0] as Leaf<T>, run.at(-1) as Leaf<T>];
    if ((first.from ^ last.to) >>> 0 >= SPAN || run.length < 3) return undefined;
    if (run.reduce((sum, { weight }) => sum + weight, 0) < least) return undefined;
    base = (first.from & -SPAN) >>> 0;
    const words = new Uint16Array(last.to - first.from + 1);
    for (const { from, to, target } of run) {
      let place = places.get(target);
      if (place === undefined) {
        place = known.push(target) - 1;
        places.set(target, place);
      }
      for (let word = from; word <= to; word++) {
        targets[word - base] = place;
        weights[word - base] = bits.weigh(word);
        words[word - first.from] = word - base;
      }
    }
    return grow(words);
  };
}

/** The words that have some bit of a mask, and those that have none. */
function part(words: Words, mask: number): Parts {
  const set = new Uint16Array(words.length);
  const clear = new Uint16Array(words.length);
  let [some, none] = [0, 0];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as number;
    if ((word & mask) !== 0) set[some++] = word;
    else clear[none++] = word;
  }
  return { mask, set: set.subarray(0, some), clear: clear.subarray(0, none) };
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

import type { Join, Leaf } from './tree.js';

/** Finds the cheapest chains of equalities for the runs that end with one leaf. */
export interface ChainFinder {
  /** The longest run that ends with this leaf and may be a chain. */
  readonly find: (last: number) => number;
  /** What the chain for a run of this length costs, and the leaf whose target remains in the end. */
  readonly cost: (length: number) => number;
  readonly rest: (length: number) => number;
}

/**
 * Every leaf of a chain is a single value, but for those whose target remains: that of the last leaf of the run, or of
 * the one before it. Most often two targets alternate; others are not tried.
 *
 * @param price what each comparison costs beside the weight of what it is asked for
 * @param longest leaves that a chain may serve
 */
export function chainFinder<T>(leaves: readonly Leaf<T>[], price: number, longest: number): ChainFinder {
  const weights = new Float64Array(longest + 1);
  /** By length of the run. */
  const costs = new Float64Array(longest + 1);
  const rests = new Int16Array(longest + 1);
  /** Extends a run to the left as long as a chain is possible; the longest one's length. */
  const extend = (last: number, rest: number): number => {
    const { target } = leaves[rest] as Leaf<T>;
    const most = Math.min(longest, last + 1);
    let count = 0;
    let total = 0;
    for (let length = 1; length <= most; length++) {
      const leaf = leaves[last + 1 - length] as Leaf<T>;
      total += leaf.weight;
      if (leaf.target !== target) {
        if (leaf.from !== leaf.to) return length - 1;
        let slot = count++;
        for (; slot > 0 && (weights[slot - 1] as number) < leaf.weight; slot--)
          weights[slot] = weights[slot - 1] as number;
        weights[slot] = leaf.weight;
      }
      let cost = count * price;
      let left = total;
      for (let slot = 0; slot < count; slot++) {
        cost += left;
        left -= weights[slot] as number;
      }
      if (cost < (costs[length] as number)) {
        costs[length] = cost;
        rests[length] = rest;
      }
    }
    return most;
  };
  return {
    find: (last) => {
      costs.fill(Number.POSITIVE_INFINITY);
      const own = extend(last, last);
      return last === 0 ? own : Math.max(own, extend(last, last - 1));
    },
    cost: (length) => costs[length] as number,
    rest: (length) => rests[length] as number,
  };
}

/** The comparisons of a chain: the heaviest value first. */
export function chain<T>(leaves: readonly Leaf<T>[], rest: T, join: Join<T>): T {
  return leaves
    .filter((leaf) => leaf.target !== rest)
    .sort((a, b) => a.weight - b.weight)
    .reduce((otherwise, leaf) => join('eq', leaf.from, leaf.target, otherwise), rest);
}

import type { Join, Leaf } from './tree.js';

/** The cheapest alphabetic tree over a list of leaves, as a choice for every run of them. */
export interface IntervalTree {
  /** What the run from leaf i to leaf j costs, in weight. */
  readonly cost: (i: number, j: number) => number;
  /** The first leaf of the right half; or, for a chain of equalities, -1 - the leaf whose target remains. */
  readonly choice: (i: number, j: number) => number;
}

/**
 * Knuth's dynamic program over splits, where short runs may also be a chain of equalities that cuts single values out
 * of one target. The solver keeps its memory, so a result holds until the next call.
 *
 * @param price what each comparison costs beside the weight of what it is asked for
 * @param longestChain leaves that a chain may serve
 */
export function intervalSolver<T>(
  price: number,
  longestChain: number,
): (leaves: readonly Leaf<T>[]) => IntervalTree {
  let cost = new Float64Array(0);
  let choice = new Int16Array(0);
  let sums = new Float64Array(0);
  return (leaves) => {
    const n = leaves.length;
    if (cost.length < n * n) {
      cost = new Float64Array(n * n);
      choice = new Int16Array(n * n);
      sums = new Float64Array(n + 1);
    }
    for (let i = 0; i < n; i++) {
      sums[i + 1] = (sums[i] as number) + (leaves[i] as Leaf<T>).weight;
      cost[i * n + i] = 0;
      choice[i * n + i] = i;
    }
    const chains = chainFinder(leaves, sums, price, longestChain);
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
        if (length > 2 && length <= longestChain) {
          const chain = chains.best(i, j);
          if (chains.cost() < best) {
            best = chains.cost();
            at = -1 - chain;
          }
        }
        cost[i * n + j] = best;
        choice[i * n + j] = at;
      }
    }
    return { cost: (i, j) => cost[i * n + j] as number, choice: (i, j) => choice[i * n + j] as number };
  };
}

function splitOf(choice: number, otherwise: number): number {
  return choice < 0 ? otherwise : choice;
}

/** Finds, for a short run, the target that costs least when every other leaf is a single value asked for by equality. */
function chainFinder<T>(leaves: readonly Leaf<T>[], sums: Float64Array, price: number, longest: number) {
  const weights = new Float64Array(longest);
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
      let best = i;
      found = Number.POSITIVE_INFINITY;
      // Most often two targets alternate; of three, one that is at neither end nor beside the first is not tried.
      for (let tried = 0; tried < 3; tried++) {
        const at = tried === 0 ? i : tried === 1 ? i + 1 : j;
        const { target } = leaves[at] as Leaf<T>;
        if (
          tried === 2 &&
          (target === (leaves[i] as Leaf<T>).target || target === (leaves[i + 1] as Leaf<T>).target)
        )
          break;
        const cost = costFor(i, j, target);
        if (cost < found) {
          found = cost;
          best = at;
        }
      }
      return best;
    },
  };
}

/** The comparison that a choice stands for, of the run from leaf i to leaf j, with what `build` makes of the rest. */
export function buildRun<T>(
  leaves: readonly Leaf<T>[],
  i: number,
  j: number,
  choice: number,
  join: Join<T>,
  build: (i: number, j: number) => T,
): T {
  if (choice < 0) return chain(leaves.slice(i, j + 1), (leaves[-1 - choice] as Leaf<T>).target, join);
  const [first, right] = [leaves[i] as Leaf<T>, leaves[choice] as Leaf<T>];
  if (choice === j && right.from === right.to) return join('eq', right.from, right.target, build(i, j - 1));
  if (choice === i + 1 && first.from === first.to)
    return join('eq', first.from, first.target, build(choice, j));
  return join('ge', right.from, build(choice, j), build(i, choice - 1));
}

function chain<T>(leaves: readonly Leaf<T>[], rest: T, join: Join<T>): T {
  return leaves
    .filter((leaf) => leaf.target !== rest)
    .sort((a, b) => a.weight - b.weight)
    .reduce((otherwise, leaf) => join('eq', leaf.from, leaf.target, otherwise), rest);
}

import { type ChainFinder, chain } from './chain.js';
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
 * @returns takes the weights of the first `n` leaves
 */
export function intervalSolver(
  price: number,
): (weights: ArrayLike<number>, n: number, chains?: ChainFinder) => IntervalTree {
  let memory = memoryFor(0);
  return (weights, n, chains) => {
    if (memory.size < n) memory = memoryFor(n);
    const { rows, columns, choices, sums } = memory;
    for (let j = 0; j < n; j++) {
      const column = j * n;
      sums[j + 1] = (sums[j] as number) + (weights[j] as number);
      rows[column + j] = columns[column + j] = 0;
      choices[column + j] = j;
      const chained = chains === undefined ? 0 : chains.find(j);
      for (let i = j - 1; i >= 0; i--) {
        // Knuth: the best split lies between those of the two runs that are one shorter.
        const left = choices[column - n + i] as number;
        const right = choices[column + i + 1] as number;
        let low = left > i ? left : i + 1;
        let high = right < 0 ? j : right;
        if (high < low) {
          low = i + 1;
          high = j;
        }
        let best = Number.POSITIVE_INFINITY;
        let at = low;
        for (let k = low, row = i * n + low - 1; k <= high; k++, row++) {
          const both = (rows[row] as number) + (columns[column + k] as number);
          if (both < best) {
            best = both;
            at = k;
          }
        }
        best += (sums[j + 1] as number) - (sums[i] as number) + price;
        const length = j - i + 1;
        if (chains !== undefined && length > 2 && length <= chained && chains.cost(length) < best) {
          best = chains.cost(length);
          at = -1 - chains.rest(length);
        }
        rows[i * n + j] = columns[column + i] = best;
        choices[column + i] = at;
      }
    }
    return { cost: (i, j) => columns[j * n + i] as number, choice: (i, j) => choices[j * n + i] as number };
  };
}

/** Costs by their first leaf and by their last one, so that both sides of a split are read in order. */
function memoryFor(size: number) {
  return {
    size,
    rows: new Float64Array(size * size),
    columns: new Float64Array(size * size),
    choices: new Int16Array(size * size),
    sums: new Float64Array(size + 1),
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

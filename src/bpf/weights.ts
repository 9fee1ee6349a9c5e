import json from '../../data/syscall-weights.json' with { type: 'json' };
import { abis } from '../syscalls/abis.js';
import { syscallsOf } from '../syscalls/table.js';

/** How often calls of one audit arch have a number between `from` and `to`, inclusive. */
export type NumberWeights = (from: number, to: number) => number;

/** Calls per name, in any unit. */
export type Histogram = Readonly<Record<string, number>>;

/** Share of the weight that is spread evenly over all calls, so that rare ones do not end up at the far end. */
const EVEN_SHARE = 0.5;
/** x32 programs are all but extinct; their numbers share an audit arch with x86_64. */
const X32_SHARE = 0.02;
/** For audit archs without a table: numbers that a kernel may have. */
const UNKNOWN_NUMBERS = 512;

/**
 * Weights from a histogram of calls by name, mixed with an even share for every call that the ABI has.
 *
 * @example weightsFrom({ read: 900, write: 100 }, 0.1)(0xc000003e)(0, 0).toFixed(2) // '0.81'
 */
export function weightsFrom(histogram: Histogram, evenShare: number): (auditArch: number) => NumberWeights {
  const known = new Map<number, NumberWeights>();
  return (auditArch) => {
    let weights = known.get(auditArch);
    if (weights === undefined) {
      weights = cumulate(pairs(auditArch, histogram, evenShare));
      known.set(auditArch, weights);
    }
    return weights;
  };
}

/** The default weights: an average of several recorded programs (data/syscall-weights.json). */
export const defaultWeights: (auditArch: number) => NumberWeights = weightsFrom(
  json.partsPerMillion,
  EVEN_SHARE,
);

type Pair = readonly [number: number, weight: number];

function pairs(auditArch: number, histogram: Histogram, evenShare: number): readonly Pair[] {
  const rows = abis.filter((row) => row.auditArch === auditArch);
  if (rows.length === 0) return Array.from({ length: UNKNOWN_NUMBERS }, (_, number) => [number, 1]);
  return rows.flatMap((row) => {
    const calls = syscallsOf(row.name);
    const total = calls.reduce((sum, { name }) => sum + (histogram[name] ?? 0), 0) || 1;
    const share = row.name === 'x32' ? X32_SHARE : 1;
    return calls.map(({ name, number }): Pair => {
      const seen = (histogram[name] ?? 0) / total;
      return [number, share * (evenShare / calls.length + (1 - evenShare) * seen)];
    });
  });
}

function cumulate(unsorted: readonly Pair[]): NumberWeights {
  const sorted = [...unsorted].sort(([a], [b]) => a - b);
  const numbers = Float64Array.from(sorted, ([number]) => number);
  const sums = new Float64Array(sorted.length + 1);
  for (const [index, [, weight]] of sorted.entries()) sums[index + 1] = (sums[index] ?? 0) + weight;
  /** How many known numbers are below this one. */
  const below = (number: number): number => {
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (from, to) => (sums[below(to + 1)] ?? 0) - (sums[below(from)] ?? 0);
}

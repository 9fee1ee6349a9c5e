import json from '../../data/syscall-weights.json' with { type: 'json' };
import { abis } from '../syscalls/abis.js';
import { syscallsOf } from '../syscalls/table.js';

/** How often calls of one audit arch have a number between `from` and `to`, inclusive. */
export type NumberWeights = (from: number, to: number) => number;

/** Calls per name, in any unit. */
export type Histogram = Readonly<Record<string, number>>;

/**
 * Share of the weight that is spread evenly over all numbers, so that rare ones do not end up at the far end. Less of it
 * makes the calls of recorded programs faster and the mean over all numbers slower; docs/benchmarks.md has the curve.
 * Of the shares that are measured there it is the least with which that mean stays below 9 for Docker's default profile.
 */
export const EVEN_SHARE = 0.65;
/** x32 programs are all but extinct; their numbers share an audit arch with x86_64, whose calls should not wait for them. */
const X32_SHARE = 0.001;
/** For audit archs without a table: numbers that a kernel may have. */
const UNKNOWN_NUMBERS = 512;

/**
 * The histogram to compile for when programs like these are expected: their average, each of them counting the same.
 */
export function typical(programs: readonly Histogram[]): Histogram {
  const sums: Record<string, number> = {};
  for (const program of programs) {
    const total = Object.values(program).reduce((sum, count) => sum + count, 0) || 1;
    for (const [name, count] of Object.entries(program)) sums[name] = (sums[name] ?? 0) + count / total;
  }
  return sums;
}

/** The programs that data/syscall-weights.json records, in parts per million of their calls. */
export function recordedPrograms(): readonly { readonly name: string; readonly histogram: Histogram }[] {
  return json.programs.map((name, index) => ({
    name,
    histogram: Object.fromEntries(
      Object.entries(json.partsPerMillion).flatMap(([call, parts]) =>
        parts[index] ? [[call, parts[index]] as const] : [],
      ),
    ),
  }));
}

/**
 * Weights from a histogram of calls by name, mixed with an even share for every number up to the ABI's last one.
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

let known: ((auditArch: number) => NumberWeights) | undefined;

/** The default weights: those of several recorded programs (data/syscall-weights.json). */
export function defaultWeights(auditArch: number): NumberWeights {
  known ??= weightsFrom(typical(recordedPrograms().map(({ histogram }) => histogram)), EVEN_SHARE);
  return known(auditArch);
}

type Pair = readonly [number: number, weight: number];

function pairs(auditArch: number, histogram: Histogram, evenShare: number): readonly Pair[] {
  const rows = abis.filter((row) => row.auditArch === auditArch);
  if (rows.length === 0) return Array.from({ length: UNKNOWN_NUMBERS }, (_, number) => [number, 1]);
  return rows.flatMap((row) => {
    const calls = syscallsOf(row.name);
    const total = calls.reduce((sum, { name }) => sum + (histogram[name] ?? 0), 0) || 1;
    const share = row.name === 'x32' ? X32_SHARE : 1;
    const names = new Map(calls.map(({ name, number }) => [number, name]));
    const [first, last] = [Math.min(...names.keys()), Math.max(...names.keys())];
    const even = evenShare / (last - first + 1);
    return Array.from({ length: last - first + 1 }, (_, index): Pair => {
      const name = names.get(first + index);
      const seen = name === undefined ? 0 : (histogram[name] ?? 0) / total;
      return [first + index, share * (even + (1 - evenShare) * seen)];
    });
  });
}

function cumulate(unsorted: readonly Pair[]): NumberWeights {
  const sorted = [...unsorted].sort(([a], [b]) => a - b);
  const numbers = Float64Array.from(sorted, ([number]) => number);
  const sums = new Float64Array(sorted.length + 1);
  for (const [index, [, weight]] of sorted.entries()) sums[index + 1] = (sums[index] ?? 0) + weight;
  let last = 0;
  /** How many known numbers are below this one. */
  const below = (number: number): number => {
    // Numbers are often asked for one after the other.
    if (numbers[last] === number) return last;
    if (numbers[last + 1] === number) return ++last;
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    last = low;
    return low;
  };
  return (from, to) => {
    const start = sums[below(from)] ?? 0;
    return (sums[below(to + 1)] ?? 0) - start;
  };
}

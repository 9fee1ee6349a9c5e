import type { Leaf } from './tree.js';

/** One comparison of a word, and the leaves of a run that lie wholly on either side of it, a bit for each. */
export interface Question {
  readonly op: 'eq' | 'ge' | 'set';
  /** The value; for `set` the mask, of which some bit is set. */
  readonly value: number;
  readonly yes: number;
  readonly no: number;
}

/** Runs of at most MAX_RUN leaves, each with all its subsets: bit n of a subset is the leaf n places behind the first. */
export interface Runs {
  /** How many leaves the run from this leaf on has. */
  readonly length: (first: number) => number;
  /** The least that telling a subset's leaves apart costs, in weight. */
  readonly cost: (first: number, subset: number) => number;
  /** The first question to ask of a subset that holds the run's first leaf; undefined when all of it has one target. */
  readonly question: (first: number, subset: number) => Question | undefined;
}

/** The longest run; the work doubles with each leaf more. */
export const MAX_RUN = 5;
const SUBSETS = 1 << MAX_RUN;
/** A run's words lie no further apart: a mask would cut a wider interval into too many parts to be proved quickly. */
const SPAN = 32;

/**
 * The cheapest ways to tell apart every subset of every short run of leaves with all the questions that BPF has. An
 * optimal tree over intervals knows no masks, while JSET often parts what would take one comparison for each value.
 *
 * @param price what each question costs beside the weight of what it is asked for
 */
export function solveRuns<T>(leaves: readonly Leaf<T>[], price: number): Runs {
  const n = leaves.length;
  const lengths = new Uint8Array(n);
  // A row of subsets for each leaf; the last row, of no leaf, is all zeros.
  const costs = new Float64Array((n + 1) * SUBSETS);
  const weights = new Float64Array((n + 1) * SUBSETS);
  const mixed = new Uint8Array((n + 1) * SUBSETS);
  const asked = new Array<Question | undefined>(n * SUBSETS);
  const masks = bitQuestions(n);
  for (let i = n - 1, end = n; i >= 0; i--) {
    const leaf = leaves[i] as Leaf<T>;
    while (end - i > MAX_RUN || (end > i && (leaves[end - 1] as Leaf<T>).to - leaf.from >= SPAN)) end--;
    const length = end - i;
    lengths[i] = length;
    masks.shift(leaf);
    const questions = length < 3 ? [] : orderQuestions(leaves, i, length);
    if (length >= 3) masks.add(length, questions);
    const row = i * SUBSETS;
    const next = row + SUBSETS;
    for (let set = 1; set < 1 << length; set++) {
      const rest = set >> 1;
      if ((set & 1) === 0) {
        costs[row + set] = costs[next + rest] as number;
        weights[row + set] = weights[next + rest] as number;
        mixed[row + set] = mixed[next + rest] as number;
        continue;
      }
      const weight = leaf.weight + (weights[next + rest] as number);
      weights[row + set] = weight;
      if (rest === 0) continue;
      if (mixed[next + rest] === 0 && (leaves[i + 1 + lowest(rest)] as Leaf<T>).target === leaf.target)
        continue;
      mixed[row + set] = 1;
      let best = Number.POSITIVE_INFINITY;
      for (let index = 0; index < questions.length; index++) {
        const question = questions[index] as Question;
        const holds = set & question.yes;
        const fails = set & question.no;
        if ((holds | fails) !== set || holds === 0 || fails === 0) continue;
        const both = (costs[row + holds] as number) + (costs[row + fails] as number);
        if (both < best) {
          best = both;
          asked[row + set] = question;
        }
      }
      costs[row + set] = best + weight + price;
    }
  }
  return {
    length: (i) => lengths[i] as number,
    cost: (i, subset) => costs[i * SUBSETS + subset] as number,
    question: (i, subset) => asked[i * SUBSETS + subset],
  };
}

/** The place of the lowest leaf of a subset. */
export function lowest(subset: number): number {
  return 31 - Math.clz32(subset & -subset);
}

function orderQuestions<T>(leaves: readonly Leaf<T>[], first: number, length: number): Question[] {
  const questions: Question[] = [];
  const all = (1 << length) - 1;
  for (let place = 0; place < length; place++) {
    const { from, to } = leaves[first + place] as Leaf<T>;
    const below = (1 << place) - 1;
    if (place > 0) questions.push({ op: 'ge', value: from, yes: all & ~below, no: below });
    if (from === to) questions.push({ op: 'eq', value: from, yes: 1 << place, no: all & ~(1 << place) });
  }
  return questions;
}

/** The tests of bits below SPAN, kept for a run that moves towards the first of all leaves. */
function bitQuestions(leaves: number) {
  const yes = new Uint8Array(SPAN);
  const no = new Uint8Array(SPAN);
  /** By yes and no: the run for which that pair was found last. */
  const seen = new Int32Array(SUBSETS * SUBSETS).fill(-1);
  let run = leaves;
  return {
    shift: ({ from, to }: Leaf<unknown>): void => {
      run--;
      for (let mask = 1; mask < SPAN; mask++) {
        let set = to - from >= SPAN;
        let clear = set;
        for (let word = from; word <= to && !(set && clear); word++) {
          if ((word & mask) === 0) clear = true;
          else set = true;
        }
        yes[mask] = ((yes[mask] as number) << 1) | (clear ? 0 : 1);
        no[mask] = ((no[mask] as number) << 1) | (set ? 0 : 1);
      }
    },
    add: (length: number, questions: Question[]): void => {
      const all = (1 << length) - 1;
      for (let mask = 1; mask < SPAN; mask++) {
        const holds = (yes[mask] as number) & all;
        const fails = (no[mask] as number) & all;
        const key = holds * SUBSETS + fails;
        if (holds === 0 || fails === 0 || seen[key] === run) continue;
        seen[key] = run;
        questions.push({ op: 'set', value: mask, yes: holds, no: fails });
      }
    },
  };
}

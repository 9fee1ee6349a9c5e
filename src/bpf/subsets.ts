import type { Leaf } from './tree.js';

/** One comparison of a word, and the leaves that lie wholly on either side of it, a bit for each. */
export interface Question {
  readonly op: 'eq' | 'ge' | 'set';
  /** The value; for `set` the mask, of which some bit is set. */
  readonly value: number;
  readonly yes: number;
  readonly no: number;
}

/**
 * The cheapest way to tell apart every subset of few leaves with all the questions that BPF has: bit n of a subset is
 * leaf n. An optimal tree over intervals knows no masks, while JSET often parts what would take one comparison for
 * each value.
 *
 * @param words the words that occur, ascending; they differ in few of their lowest bits only
 * @param price what each question costs beside the weight of what it is asked for
 * @returns for a subset the first question to ask, undefined when all of it has one target
 */
export function solveSubsets<T>(
  leaves: readonly Leaf<T>[],
  words: readonly number[],
  price: number,
): (subset: number) => Question | undefined {
  const questions = [...orderQuestions(leaves), ...bitQuestions(leaves, words)];
  const subsets = 1 << leaves.length;
  const costs = new Float64Array(subsets);
  const weights = new Float64Array(subsets);
  const asked = new Array<Question | undefined>(subsets);
  for (let set = 1; set < subsets; set++) {
    const first = leaves[lowest(set)] as Leaf<T>;
    const rest = set & (set - 1);
    weights[set] = first.weight + (weights[rest] as number);
    if (
      rest === 0 ||
      (asked[rest] === undefined && (leaves[lowest(rest)] as Leaf<T>).target === first.target)
    )
      continue;
    let best = Number.POSITIVE_INFINITY;
    for (const question of questions) {
      const holds = set & question.yes;
      const fails = set & question.no;
      if ((holds | fails) !== set || holds === 0 || fails === 0) continue;
      const both = (costs[holds] as number) + (costs[fails] as number);
      if (both < best) {
        best = both;
        asked[set] = question;
      }
    }
    costs[set] = best + (weights[set] as number) + price;
  }
  return (subset) => asked[subset];
}

/** The place of the lowest leaf of a subset. */
export function lowest(subset: number): number {
  return 31 - Math.clz32(subset & -subset);
}

function orderQuestions<T>(leaves: readonly Leaf<T>[]): Question[] {
  const all = (1 << leaves.length) - 1;
  return leaves.flatMap(({ from, to }, place): Question[] => {
    const below = (1 << place) - 1;
    return [
      ...(place > 0 ? [{ op: 'ge' as const, value: from, yes: all & ~below, no: below }] : []),
      ...(from === to ? [{ op: 'eq' as const, value: from, yes: 1 << place, no: all & ~(1 << place) }] : []),
    ];
  });
}

/** For every different way in which a mask parts the leaves, one mask. */
function bitQuestions<T>(leaves: readonly Leaf<T>[], words: readonly number[]): Question[] {
  const all = (1 << leaves.length) - 1;
  const span = 1 << (32 - Math.clz32((words[0] as number) ^ (words.at(-1) as number)));
  /** By mask, inverted: the leaves with a word that has none of its bits. */
  const clear = new Uint8Array(span);
  /** By bit: the leaves with a word that has it. */
  const set = new Uint8Array(span);
  let place = 0;
  for (const word of words) {
    while (word > (leaves[place] as Leaf<T>).to) place++;
    const low = word & (span - 1);
    clear[low] = 1 << place;
    for (let bit = 1; bit < span; bit <<= 1)
      if ((low & bit) !== 0) set[bit] = (set[bit] as number) | (1 << place);
  }
  for (let bit = 1; bit < span; bit <<= 1)
    for (let index = bit; index < span; index = (index + 1) | bit)
      clear[index] = (clear[index] as number) | (clear[index ^ bit] as number);
  const questions = new Map<number, Question>();
  for (let mask = 1; mask < span; mask++) {
    const bit = mask & -mask;
    set[mask] = (set[bit] as number) | (set[mask ^ bit] as number);
    const yes = all & ~(clear[span - 1 - mask] as number);
    const no = all & ~(set[mask] as number);
    const key = yes | (no << 8);
    if (yes !== 0 && no !== 0 && !questions.has(key)) questions.set(key, { op: 'set', value: mask, yes, no });
  }
  return [...questions.values()];
}

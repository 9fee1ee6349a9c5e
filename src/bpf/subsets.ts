import type { Leaf } from './tree.js';

/** One comparison of a word, and the leaves that lie wholly on either side of it, a bit for each. */
export interface Question {
  readonly op: 'eq' | 'ge' | 'set';
  /** The value; for `set` the mask, of which some bit is set. */
  readonly value: number;
  readonly yes: number;
  readonly no: number;
}

/** Up to this many leaves are told apart at least cost; the work doubles with each leaf more. */
export const MAX_EXACT_LEAVES = 5;
const SUBSETS = 1 << MAX_EXACT_LEAVES;

/**
 * The cheapest way to tell apart every subset of few leaves with all the questions that BPF has: bit n of a subset is
 * leaf n. An optimal tree over intervals knows no masks, while JSET often parts what would take one comparison for
 * each value. The solver keeps its memory, so a result holds until the next call.
 *
 * @param span a power of two above all words
 * @param price what each question costs beside the weight of what it is asked for
 * @returns takes the leaves and the words that occur, ascending; the result gives for a subset the first question to
 *   ask, undefined when all of it has one target
 */
export function subsetSolver<T>(
  span: number,
  price: number,
): (leaves: readonly Leaf<T>[], words: ArrayLike<number>) => (subset: number) => Question | undefined {
  const costs = new Float64Array(SUBSETS);
  const weights = new Float64Array(SUBSETS);
  /** By subset: the question to ask, as its place in the list, or none. */
  const asked = new Int16Array(SUBSETS);
  const masks = maskFinder<T>(span);
  /** By question. */
  const yes = new Uint8Array(span + 2 * MAX_EXACT_LEAVES);
  const no = new Uint8Array(span + 2 * MAX_EXACT_LEAVES);
  return (leaves, words) => {
    const questions = orderQuestions(leaves);
    masks(leaves, words, questions);
    const count = questions.length;
    for (let at = 0; at < count; at++) {
      yes[at] = (questions[at] as Question).yes;
      no[at] = (questions[at] as Question).no;
    }
    const subsets = 1 << leaves.length;
    for (let set = 1; set < subsets; set++) {
      const first = leaves[lowest(set)] as Leaf<T>;
      const rest = set & (set - 1);
      weights[set] = first.weight + (weights[rest] as number);
      costs[set] = 0;
      asked[set] = -1;
      if (rest === 0 || (asked[rest] === -1 && (leaves[lowest(rest)] as Leaf<T>).target === first.target))
        continue;
      let best = Number.POSITIVE_INFINITY;
      for (let at = 0; at < count; at++) {
        const holds = set & (yes[at] as number);
        const fails = set & (no[at] as number);
        if ((holds | fails) !== set || holds === 0 || fails === 0) continue;
        const both = (costs[holds] as number) + (costs[fails] as number);
        if (both < best) {
          best = both;
          asked[set] = at;
        }
      }
      costs[set] = best + (weights[set] as number) + price;
    }
    return (subset) => questions[asked[subset] as number];
  };
}

/** The place of the lowest leaf of a subset. */
export function lowest(subset: number): number {
  return 31 - Math.clz32(subset & -subset);
}

function orderQuestions<T>(leaves: readonly Leaf<T>[]): Question[] {
  const all = (1 << leaves.length) - 1;
  const questions: Question[] = [];
  leaves.forEach(({ from, to }, place) => {
    const [own, below] = [1 << place, (1 << place) - 1];
    if (place > 0) questions.push({ op: 'ge', value: from, yes: all & ~below, no: below });
    if (from === to) questions.push({ op: 'eq', value: from, yes: own, no: all & ~own });
  });
  return questions;
}

/** Adds, for every different way in which a mask parts the leaves, one mask to the questions. */
function maskFinder<T>(
  most: number,
): (leaves: readonly Leaf<T>[], words: ArrayLike<number>, questions: Question[]) => void {
  /** By mask, inverted: the leaves with a word that has none of its bits. */
  const clear = new Uint8Array(most);
  /** By mask: the leaves with a word that has some bit of it. */
  const set = new Uint8Array(most);
  /** By both sides: the last call that found them. */
  const found = new Uint32Array(SUBSETS * SUBSETS);
  let call = 0;
  return (leaves, words, questions) => {
    const all = (1 << leaves.length) - 1;
    const span = 1 << (32 - Math.clz32((words[0] as number) ^ (words[words.length - 1] as number)));
    clear.fill(0, 0, span);
    set.fill(0, 0, span);
    let place = 0;
    for (let at = 0; at < words.length; at++) {
      const word = words[at] as number;
      while (word > (leaves[place] as Leaf<T>).to) place++;
      const low = word & (span - 1);
      clear[low] = 1 << place;
      for (let bit = 1; bit < span; bit <<= 1)
        if ((low & bit) !== 0) set[bit] = (set[bit] as number) | (1 << place);
    }
    for (let bit = 1; bit < span; bit <<= 1)
      for (let index = bit; index < span; index = (index + 1) | bit)
        clear[index] = (clear[index] as number) | (clear[index ^ bit] as number);
    call++;
    for (let mask = 1; mask < span; mask++) {
      const bit = mask & -mask;
      set[mask] = (set[bit] as number) | (set[mask ^ bit] as number);
      const yes = all & ~(clear[span - 1 - mask] as number);
      const no = all & ~(set[mask] as number);
      const key = yes * SUBSETS + no;
      if (yes === 0 || no === 0 || found[key] === call) continue;
      found[key] = call;
      questions.push({ op: 'set', value: mask, yes, no });
    }
  };
}

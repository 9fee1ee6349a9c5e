import { sameAction } from '../policy/action.js';
import type { Decision, Leaf, Test, Word } from '../policy/policy.js';

const FULL = 0xffffffff;
const LAST = 0xffffffff;
/** Bounds that may be looked at or copied in all: enough for ten thousand values of one argument. */
const MAX_STEPS = 60_000_000;
/** Six arguments of two halves. */
const WORDS = 12;

export interface Boxes {
  /** Undefined where it cannot be told this way. */
  readonly same: (left: Decision, right: Decision) => boolean | undefined;
}

/** What the words of a call may be: for each the first value of every interval, then the last one, ascending. */
interface Box {
  readonly words: readonly (readonly number[])[];
  /** A bit for each word whose list belongs to this box alone. */
  readonly owned: number;
}

const EVERYTHING: Box = { words: Array.from({ length: WORDS }, () => [0, LAST]), owned: 0 };
const giveUp = Symbol('give up');

/**
 * Compares decisions over boxes of calls, within one budget for all of them. The first one is followed once, the second
 * from its beginning for every box: a long chain is better the first, a search tree the second.
 */
export function createBoxes(): Boxes {
  let left = MAX_STEPS;
  const spend = (steps: number): void => {
    left -= steps;
    if (left < 0) throw giveUp;
  };
  return {
    same: (a, b) => {
      try {
        return every(a, EVERYTHING, spend, (answer, box) =>
          every(b, { ...box, owned: 0 }, spend, (other) => sameAction(answer.action, other.action)),
        );
      } catch (error) {
        if (error !== giveUp) throw error;
        return undefined;
      }
    },
  };
}

/**
 * Whether something holds for every way through a decision that some call of a box takes, with the calls that take it:
 * a way asks each word for itself, so they are a box again. Thrown `giveUp`: a mask, or too many ways.
 */
function every(
  root: Decision,
  everything: Box,
  spend: (steps: number) => void,
  holds: (leaf: Leaf, box: Box) => boolean,
): boolean {
  const stack: { readonly node: Decision; readonly box: Box }[] = [{ node: root, box: everything }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, box } = top;
    if (node.kind === 'leaf') {
      if (!holds(node, box)) return false;
      continue;
    }
    spend(1);
    if (node.mask !== FULL) throw giveUp;
    const list = box.words[node.word] as readonly number[];
    const [first, last] = wordsOf(node);
    const at = intervalAt(list, first);
    if (at === list.length || (list[at] as number) > last) {
      stack.push({ node: node.else, box });
    } else if (first <= (list[0] as number) && (list.at(-1) as number) <= last) {
      stack.push({ node: node.then, box });
    } else {
      // What is split off is followed to its end before the rest, whose lists may be changed in place.
      const mine = (box.owned >>> node.word) & 1 ? (list as number[]) : [...list];
      spend(mine === list ? 4 : mine.length);
      const inside = cut(mine, at, first, last, spend);
      stack.push({ node: node.else, box: withList(box, node.word, mine, box.owned | (1 << node.word)) });
      stack.push({ node: node.then, box: withList(box, node.word, inside, 1 << node.word) });
    }
  }
  return true;
}

/** The first and the last word for which a comparison without a mask holds. */
function wordsOf({ op, value }: Test): readonly [first: number, last: number] {
  if (op === 'eq') return [value, value];
  return [op === 'gt' ? value + 1 : value, LAST];
}

/** The place of the first interval that ends at this word or later. */
function intervalAt(list: readonly number[], word: number): number {
  let [low, high] = [0, list.length >> 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[2 * middle + 1] as number) < word) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

/** Takes the words from `first` to `last` out of a list; what is taken is returned. */
function cut(
  list: number[],
  at: number,
  first: number,
  last: number,
  spend: (steps: number) => void,
): number[] {
  let end = intervalAt(list, last);
  if (end < list.length && (list[end] as number) <= last) end += 2;
  const inside = list.slice(at, end);
  const rest: number[] = [];
  const [low, high] = [inside[0] as number, inside.at(-1) as number];
  if (low < first) {
    rest.push(low, first - 1);
    inside[0] = first;
  }
  if (high > last) {
    rest.push(last + 1, high);
    inside[inside.length - 1] = last;
  }
  spend(inside.length);
  list.splice(at, end - at, ...rest);
  return inside;
}

function withList(box: Box, word: Word, list: readonly number[], owned: number): Box {
  return { words: box.words.with(word, list), owned };
}

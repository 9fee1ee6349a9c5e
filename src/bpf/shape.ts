import { sameAction } from '../policy/action.js';
import { test } from '../policy/decision.js';
import type { Decision, Test } from '../policy/policy.js';
import { compareWord } from './interval.js';

export interface Shapes {
  /** True is a proof that both answer all arguments alike; false says nothing. */
  readonly same: (left: Decision, right: Decision) => boolean;
}

/**
 * Compares decisions comparison by comparison, in time that grows with their nodes: enough for two that differ only in
 * how a comparison is written, or in whether bits are asked for one by one or together.
 */
export function createShapes(): Shapes {
  const ids = new Map<Decision, number>();
  const idOf = (node: Decision): number => {
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    return id;
  };

  function same(left: Decision, right: Decision): boolean {
    // Pairs that were taken up count as proved: if one fails in the end, so does the whole.
    const taken = new Set<number>();
    const pending: (readonly [Decision, Decision])[] = [[left, right]];
    for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
      const [a, b] = pair;
      if (a === b) continue;
      const key = idOf(a) * 2 ** 26 + idOf(b);
      if (taken.has(key)) continue;
      taken.add(key);
      if (a.kind === 'leaf' && b.kind === 'leaf' && sameAction(a.action, b.action)) continue;
      if (a.kind === 'leaf' || b.kind === 'leaf') return false;
      const next = split(a, b);
      if (next === undefined) return false;
      pending.push(...next);
    }
    return true;
  }
  return { same };
}

type Pairs = readonly (readonly [Decision, Decision])[];

/** What must be the same so that both are; undefined where the two ask for different things. */
function split(a: Test, b: Test): Pairs | undefined {
  if (a.word !== b.word) return undefined;
  const [bitsA, bitsB] = [bitsOf(a), bitsOf(b)];
  if (bitsA !== undefined && bitsB !== undefined) {
    const [more, less] = (a.mask & ~b.mask) !== 0 ? [bitsA, bitsB] : [bitsB, bitsA];
    if ((less.mask & ~more.mask) !== 0) return undefined;
    // The bits of both are asked for; what is clear leaves the others to ask for.
    const rest = (more.mask & ~less.mask) >>> 0;
    const others =
      rest === 0
        ? more.clear
        : test({ word: a.word, mask: rest, op: 'eq', value: 0, then: more.clear, else: more.set });
    return [
      [less.set, more.set],
      [less.clear, others],
    ];
  }
  if (a.mask !== b.mask) return undefined;
  const [valueA, valueB] = [threshold(a), threshold(b)];
  if ((a.op === 'eq') !== (b.op === 'eq') || valueA !== valueB) return undefined;
  return [
    [a.then, b.then],
    [a.else, b.else],
  ];
}

/** `> n` and `>= n + 1` are the same. */
function threshold({ op, value }: Test): number {
  return op === 'gt' ? value + 1 : value;
}

interface Bits {
  readonly mask: number;
  /** When no bit of the mask is set, and when some bit is. */
  readonly clear: Decision;
  readonly set: Decision;
}

/** A comparison that only tells whether some bit of its mask is set. */
function bitsOf({ mask, op, value, then, else: otherwise }: Test): Bits | undefined {
  const lowest = (mask & -mask) >>> 0;
  const holds = (word: number) => compareWord(word, mask, op, value);
  // Greater-than comparisons are monotonous, so the least and the greatest word with a bit set speak for all.
  const uniform = op === 'eq' ? value === 0 || lowest === mask : holds(lowest) === holds(mask);
  if (!uniform || holds(0) === holds(lowest)) return undefined;
  return holds(0) ? { mask, clear: then, set: otherwise } : { mask, clear: otherwise, set: then };
}

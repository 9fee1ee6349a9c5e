import type { Word } from '../../policy/policy.js';

/**
 * libseccomp keeps the rules of one syscall as a graph of 32-bit comparisons (src/db.c, struct db_arg_chain_tree).
 * Its reference counts decide when pruning starts over, so this model counts them too: the verdicts of odd rule sets
 * depend on them.
 */
export interface Node {
  readonly word: Word;
  /** What the program does with the word; `masked` and `eq` differ only when nodes are compared with each other. */
  readonly op: 'eq' | 'masked' | 'gt' | 'ge';
  /** Place of the rule's own operator among its siblings: 3 for EQ, NE and MASKED_EQ, 2 for LT and LE, 1 for GT and GE. */
  readonly rank: 1 | 2 | 3;
  readonly mask: number;
  readonly datum: number;
  /** The rule's whole 64-bit datum. */
  readonly full: bigint;
  readonly whenTrue: Branch;
  readonly whenFalse: Branch;
  left: Node | null;
  right: Node | null;
  references: number;
}

/** A place that can point to a node: a branch, or the root of a syscall's graph. */
export interface Slot {
  next: Node | null;
}

export interface Branch extends Slot {
  /** Whether `action` counts; the library compares the number even when it does not. */
  hasAction: boolean;
  action: number;
}

export const SIDES = ['whenTrue', 'whenFalse'] as const;

/**
 * The library would not come to an end: a node that two branches share was linked into their level twice, and the
 * list of siblings has become a ring.
 */
export class EndlessLoop extends Error {}

/** More siblings than the kernel's 4096 instructions can compare with: such a filter never loads, ring or not. */
const MAX_SIBLINGS = 5000;

/** To be called at each step along a level, with the number of steps so far. */
export function checkSteps(steps: number): void {
  if (steps > MAX_SIBLINGS) throw new EndlessLoop();
}

/** Nodes that may still be looked at while rules are added to a filter: their graph is walked along every path. */
export interface Work {
  left: number;
}

/**
 * Some seconds' worth. 1,365 rules of one comparison, the most that a filter of three ABIs can hold, take an eighth of it. What
 * takes more is as good as always too long for the kernel, but whether it is has not been looked at.
 */
export const MOST_WORK = 30_000_000;

/** The library may well come to an end, but it is not followed that far. */
export class TooMuchWork extends Error {}

/** To be called for each node that is looked at, or for several at once. */
export function spend(work: Work, nodes = 1): void {
  work.left -= nodes;
  if (work.left < 0) throw new TooMuchWork();
}

/** The nodes of a level from `first` on, for walks that do not change it. */
export function* rightwards(first: Node): Generator<Node> {
  let steps = 0;
  for (let node: Node | null = first; node !== null; node = node.right) {
    checkSteps(steps++);
    yield node;
  }
}

export function createNode(parts: Pick<Node, 'word' | 'op' | 'rank' | 'mask' | 'datum' | 'full'>): Node {
  return {
    word: parts.word,
    op: parts.op,
    rank: parts.rank,
    mask: parts.mask,
    datum: parts.datum,
    full: parts.full,
    whenTrue: { next: null, hasAction: false, action: 0 },
    whenFalse: { next: null, hasAction: false, action: 0 },
    left: null,
    right: null,
    references: 0,
  };
}

export function isHigh(node: Node): boolean {
  return (node.word & 1) === 1;
}

export function isEnd(node: Node): boolean {
  return node.whenTrue.next === null && node.whenFalse.next === null;
}

export function sameComparison(a: Node, b: Node): boolean {
  return a.word === b.word && a.op === b.op && a.datum === b.datum && a.mask === b.mask;
}

/** Whether `a` belongs to the right of `b`: a level is sorted from high words, ranks and data to low ones, LT and LE the other way. */
export function isAfter(a: Node, b: Node): boolean {
  if (a.word !== b.word) return a.word < b.word;
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.rank === 2 ? a.datum > b.datum : a.datum < b.datum;
}

/** First node of the level that `node` is on. */
export function leftmost(node: Node): Node {
  let first = node;
  for (let steps = 0; first.left !== null; steps++) {
    checkSteps(steps);
    first = first.left;
  }
  return first;
}

export function hold<T extends Node | null>(node: T): T {
  if (node !== null) node.references++;
  return node;
}

/** Lets go of what the slot points to; a freed node's place in the slot is taken by a sibling. Returns how many nodes were freed. */
export function release(slot: Slot): number {
  const node = slot.next;
  if (node === null) return 0;
  node.references--;
  if (node.references !== 0) return 0;
  const left: Slot = { next: node.left };
  const right: Slot = { next: node.right };
  if (left.next !== null) left.next.right = null;
  if (right.next !== null) right.next.left = null;
  let freed = release(left) + release(right);
  if (left.next !== null) left.next.right = hold(right.next);
  if (right.next !== null) right.next.left = hold(left.next);
  slot.next = left.next ?? right.next;
  freed += releaseGraph({ next: node.whenTrue.next });
  freed += releaseGraph({ next: node.whenFalse.next });
  return freed + 1;
}

/** As `release`, and frees the whole level if nothing but its own links holds it. */
export function releaseGraph(slot: Slot): number {
  const freed = release(slot);
  return slot.next === null ? freed : freed + releaseOrphans(slot.next);
}

function releaseOrphans(node: Node): number {
  const level: Node[] = [];
  for (const at of rightwards(leftmost(node))) {
    const links = (at.left === null ? 0 : 1) + (at.right === null ? 0 : 1);
    if (at.references > links) return 0;
    level.push(at);
  }
  let freed = 0;
  const slot: Slot = { next: level[0] ?? null };
  while (slot.next !== null) freed += release(slot);
  return freed;
}

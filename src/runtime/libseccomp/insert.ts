import {
  checkSteps,
  hold,
  isAfter,
  isEnd,
  isHigh,
  leftmost,
  type Node,
  release,
  SIDES,
  type Slot,
  sameComparison,
  spend,
  type Work,
} from './node.js';

/** Where a merge stands: the syscall's node count, and how the release treats 64-bit merges. */
export interface Merge {
  nodes: number;
  /** Whether the rule left anything in the graph. */
  changed: boolean;
  readonly fixedFalseBranch: boolean;
  readonly work: Work;
}

/** Whether every action below `node`'s level is `action`. */
export function allActionsAre(node: Node | null, action: number, work: Work): boolean {
  if (node === null) return true;
  let steps = 0;
  for (let at: Node | null = leftmost(node); at !== null; at = at.right) {
    checkSteps(steps++);
    spend(work);
    const { whenTrue, whenFalse } = at;
    if (whenTrue.hasAction && whenTrue.action !== action) return false;
    if (whenFalse.hasAction && whenFalse.action !== action) return false;
    if (!allActionsAre(whenTrue.next, action, work)) return false;
    if (!allActionsAre(whenFalse.next, action, work)) return false;
  }
  return true;
}

/**
 * Merges a new rule's graph into a syscall's. False when the two cannot stand together (-EEXIST).
 * The search starts at the node the slot points to, which need not be the first of its level.
 */
export function insert(slot: Slot, fresh: Node, merge: Merge): boolean {
  let steps = 0;
  for (let at = slot.next; at !== null; at = at.right) {
    checkSteps(steps++);
    if (sameComparison(at, fresh)) return mergeNode(at, fresh, merge);
    if (isAfter(at, fresh)) {
      insertBefore(slot, at, fresh);
      merge.changed = true;
      return true;
    }
    if (at.right === null) {
      fresh.left = hold(at);
      at.right = hold(fresh);
      merge.changed = true;
      return true;
    }
  }
  return true;
}

function insertBefore(slot: Slot, at: Node, fresh: Node): void {
  if (at.left !== null) {
    at.left.right = hold(fresh);
    fresh.left = at.left;
    at.left = hold(fresh);
    fresh.right = at;
  } else {
    at.left = hold(fresh);
    fresh.right = hold(at);
  }
  if (slot.next === at) {
    slot.next = hold(fresh);
    release({ next: at });
  }
}

function mergeNode(at: Node, fresh: Node, merge: Merge): boolean {
  for (const side of SIDES) if (!mergeAction(at, fresh, side, merge)) return false;
  for (const side of SIDES) {
    const below = fresh[side].next;
    if (below === null) continue;
    const branch = at[side];
    if (branch.next !== null) {
      if (!insert(branch, below, merge)) return false;
    } else if (branch.hasAction) {
      // The existing rule is broader: the rest of the new one is dropped.
      return true;
    } else {
      branch.next = hold(below);
      merge.changed = true;
    }
  }
  return true;
}

function mergeAction(at: Node, fresh: Node, side: (typeof SIDES)[number], merge: Merge): boolean {
  const mine = at[side];
  const other = fresh[side];
  if (!other.hasAction) return true;
  if (!mine.hasAction) {
    if (!allActionsAre(mine.next, other.action, merge.work)) return false;
    merge.nodes -= release({ next: mine.next });
    mine.next = null;
    mine.action = other.action;
    mine.hasAction = true;
    merge.changed = true;
    return true;
  }
  if (mine.action === other.action) return true;
  merge.changed = true;
  if (isHigh(fresh)) {
    if (side === 'whenTrue') {
      if (fresh.full > at.full) mine.action = other.action;
    } else if (fresh.full < at.full) {
      // GHSA-4q85-33p6-j5g6: before the fix the true branch's action was overwritten here.
      const target = merge.fixedFalseBranch ? 'whenFalse' : 'whenTrue';
      at[target].action = fresh[target].action;
    }
  }
  return !isEnd(at) && !isEnd(fresh);
}

import { allActionsAre } from './insert.js';
import {
  checkSteps,
  hold,
  isAfter,
  isEnd,
  leftmost,
  type Node,
  release,
  SIDES,
  type Slot,
  sameComparison,
  spend,
  type Work,
} from './node.js';
import { remove } from './remove.js';

/** What a walk has found out so far (bits, because a walk hands several at once to the one above). */
export const FOUND = {
  /** Every step since the first match matched. */
  match: 1,
  matchedOnce: 2,
  /** The existing graph, the new rule: at its end. */
  oldEnds: 4,
  newEnds: 8,
  /** The existing graph, the new rule: longer at its front. */
  oldPrefix: 16,
  newPrefix: 32,
} as const;

const MATCHING = FOUND.match | FOUND.matchedOnce;

/** All of these: the new rule says nothing that an existing, broader one does not say. */
export const REDUNDANT = FOUND.match | FOUND.oldEnds | FOUND.newPrefix;

export interface Walk {
  found: number;
  readonly action: number;
  /** Root of the syscall's graph. */
  readonly root: Slot;
  readonly work: Work;
}

/**
 * Looks for what a new rule makes superfluous in the existing graph and takes it out (narrower rules with the same
 * action), or finds the new rule itself to be redundant (`walk.found`). Returns how many nodes were freed.
 */
export function prune(existing: Node | null, fresh: Node | null, walk: Walk): number {
  const mine: Walk = { ...walk };
  let freed = 0;
  if (fresh !== null && existing !== null && (walk.found & MATCHING) !== FOUND.matchedOnce)
    freed = pruneLevel(existing, fresh, walk, mine);
  if (mine.found & FOUND.match) walk.found |= mine.found;
  else walk.found &= ~FOUND.match;
  return freed;
}

function pruneLevel(existing: Node, fresh: Node, walk: Walk, mine: Walk): number {
  let freed = 0;
  let at: Node | null = leftmost(existing);
  for (let steps = 0; at !== null; steps++) {
    checkSteps(steps);
    spend(walk.work);
    // Taken now, because the node may be gone afterwards.
    const following: Node | null = at.right;
    const step = pruneNode(at, fresh, walk, mine);
    freed += step.freed;
    if (step.stop) return freed;
    at = following;
  }
  mine.found &= ~FOUND.match;
  return freed;
}

interface Step {
  readonly freed: number;
  /** The walk over this level is over, with what `mine` has found. */
  readonly stop: boolean;
}

const ON: Step = { freed: 0, stop: false };
const STOP: Step = { freed: 0, stop: true };

function pruneNode(at: Node, fresh: Node, walk: Walk, mine: Walk): Step {
  if (sameComparison(at, fresh)) return pruneEqual(at, fresh, walk, mine);
  if (isAfter(at, fresh)) {
    if (walk.found & FOUND.newPrefix) return STOP;
    // Most nodes of a long level: nothing is below them.
    if (isEnd(at)) return ON;
    return descend(at, walk, mine, FOUND.oldPrefix, (side) => [at[side].next, fresh]);
  }
  if (walk.found & FOUND.oldPrefix) return STOP;
  if (isEnd(fresh)) return ON;
  return descend(at, walk, mine, FOUND.newPrefix, (side) => [at, fresh[side].next], fresh);
}

/** One of the two graphs goes a level down, the other waits. `chooser` owns the branches that decide whether to go. */
function descend(
  at: Node,
  walk: Walk,
  mine: Walk,
  prefix: number,
  pair: (side: (typeof SIDES)[number]) => [Node | null, Node | null],
  chooser: Node = at,
): Step {
  let freed = 0;
  const held: Slot = { next: at };
  for (const side of SIDES) {
    if (chooser[side].next === null) continue;
    hold(at);
    const below: Walk = { ...walk, found: (walk.found & ~FOUND.match) | prefix };
    freed += prune(...pair(side), below);
    freed += release(held);
    if (below.found & FOUND.match) {
      mine.found |= below.found;
      return { freed, stop: true };
    }
    if (held.next !== at) return { freed, stop: false };
  }
  return { freed, stop: false };
}

function pruneEqual(at: Node, fresh: Node, walk: Walk, mine: Walk): Step {
  mine.found |= MATCHING;
  if (isEnd(fresh)) mine.found |= FOUND.newEnds;
  if (isEnd(at)) mine.found |= FOUND.oldEnds;
  for (const side of SIDES)
    if (
      (at[side].hasAction || at[side].next !== null) &&
      !(fresh[side].hasAction || fresh[side].next !== null)
    )
      return STOP;
  const bothEnd = FOUND.newEnds | FOUND.oldEnds;
  if ((mine.found & bothEnd) === bothEnd)
    for (const side of SIDES)
      if (fresh[side].hasAction !== at[side].hasAction || fresh[side].action !== at[side].action) return STOP;

  let freed = 0;
  const held: Slot = { next: at };
  for (const side of SIDES) {
    if (fresh[side].next === null) continue;
    hold(at);
    const below: Walk = { ...walk, found: walk.found | MATCHING };
    freed += prune(at[side].next, fresh[side].next, below);
    freed += release(held);
    if (below.found & FOUND.match) mine.found |= below.found;
    if (held.next === null) return { freed, stop: false };
  }
  const current = held.next;
  const has = (bits: number): boolean => (mine.found & bits) === bits;
  if (current === null || !allActionsAre(current, mine.action, mine.work)) return { freed, stop: false };
  if (has(FOUND.match | FOUND.newEnds | FOUND.oldPrefix)) {
    freed += remove(mine.root, current);
    return { freed, stop: mine.root.next === null };
  }
  return { freed, stop: has(REDUNDANT) };
}

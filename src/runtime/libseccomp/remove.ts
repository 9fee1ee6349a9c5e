import { checkSteps, isEnd, leftmost, type Node, release, SIDES, type Slot } from './node.js';

/** Searches the graph for `target` and takes it out, with branches that end up without any action. Returns how many nodes were freed. */
export function remove(slot: Slot, target: Node): number {
  if (slot.next === null) return 0;
  let freed = 0;
  let steps = 0;
  for (let at: Node | null = leftmost(slot.next); at !== null && freed === 0; at = at.right) {
    checkSteps(steps++);
    if (at === target) return freed + takeOut(slot, at);
    for (const side of SIDES) freed += remove(at[side], target);
    if (isIdle(at)) return freed + takeOut(slot, at);
  }
  return freed;
}

function isIdle(node: Node): boolean {
  return isEnd(node) && !node.whenTrue.hasAction && !node.whenFalse.hasAction;
}

/** Siblings are linked past the node without counting the links again, as in the library. */
function takeOut(slot: Slot, node: Node): number {
  if (slot.next === node) slot.next = node.left ?? node.right;
  if (node.left !== null) node.left.right = node.right;
  if (node.right !== null) node.right.left = node.left;
  node.left = null;
  node.right = null;
  return release({ next: node });
}

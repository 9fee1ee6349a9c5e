import type { Comparison, Graph, Node } from './graph.js';

const FULL = 0xffffffff;

/**
 * The node for a comparison of a masked word. What only asks whether some bit is set becomes one comparison with 0,
 * which is a single JSET, and of two that lead to the same place when a bit is set one is made: a list of flags, each
 * denied by a rule of its own, costs one instruction.
 */
export function maskedBranch(
  graph: Graph,
  offset: number,
  mask: number,
  op: Comparison,
  value: number,
  then: Node,
  otherwise: Node,
): Node {
  const clear = clearSide(mask, op, value);
  if (clear === undefined) return graph.branch(offset, mask, op, value, then, otherwise);
  const [none, some] = clear === 'then' ? [then, otherwise] : [otherwise, then];
  const next =
    none.kind === 'branch' && none.offset === offset && none.op === 'eq' && none.value === 0
      ? none
      : undefined;
  if (next !== undefined && next.mask !== FULL && (next.mask & mask) === 0 && next.else === some) {
    return graph.branch(offset, (mask | next.mask) >>> 0, 'eq', 0, next.then, some);
  }
  return graph.branch(offset, mask, 'eq', 0, none, some);
}

/** Which branch is taken when no bit of the mask is set, if nothing else is asked. */
function clearSide(mask: number, op: Comparison, value: number): 'then' | 'else' | undefined {
  if (mask === FULL) return undefined;
  if (op === 'eq' && value === 0) return 'then';
  if (op === 'eq' && value === mask && (mask & (mask - 1)) === 0) return 'else';
  const lowest = (mask & -mask) >>> 0;
  if (op === 'gt' && value < lowest) return 'else';
  return op === 'ge' && value > 0 && value <= lowest ? 'else' : undefined;
}

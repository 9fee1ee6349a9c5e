import type { Word } from '../../policy/policy.js';
import { type Branch, createNode, hold, type Node, type Slot } from './node.js';

/** `enum scmp_compare` without the prefix. */
export type Operator = 'ne' | 'lt' | 'le' | 'eq' | 'ge' | 'gt' | 'masked_eq';

/** One comparison as libseccomp keeps it: `(argument & mask) OP datum`, 64 bits. */
export interface Comparison {
  readonly argument: number;
  readonly op: Operator;
  readonly mask: bigint;
  readonly datum: bigint;
}

/** The graph of one rule. Without a root the rule holds for every call of its number. */
export interface Chain extends Slot {
  readonly nodes: number;
}

const RANK = { eq: 3, ne: 3, masked_eq: 3, lt: 2, le: 2, gt: 1, ge: 1 } as const;

/** Operators that hold where their comparison fails (LT is "not GE"). */
const NEGATED: ReadonlySet<Operator> = new Set(['ne', 'lt', 'le']);

const low = (value: bigint): number => Number(value & 0xffffffffn);
const high = (value: bigint): number => Number((value >> 32n) & 0xffffffffn);

/**
 * The graph of a rule whose comparisons (sorted by argument) must all hold.
 * 64-bit ABIs compare the high word first; 32-bit ABIs drop the upper half of mask and datum.
 */
export function buildChain(bits: 32 | 64, comparisons: readonly Comparison[], action: number): Chain {
  const root: Slot = { next: null };
  let open: Slot[] = [root];
  let exits: readonly Branch[] = [];
  let nodes = 0;
  for (const comparison of comparisons) {
    const { mask } = comparison;
    if (low(mask) === 0 && (bits === 32 || high(mask) === 0)) continue;
    const group = bits === 64 ? compareDouble(comparison) : compareSingle(comparison);
    for (const slot of open) slot.next = hold(group.entry);
    exits = group.exits;
    open = [...group.exits];
    nodes += group.nodes;
  }
  for (const exit of exits) {
    exit.hasAction = true;
    exit.action = action;
  }
  return { next: root.next, nodes };
}

interface Group {
  readonly entry: Node;
  /** Branches that are taken when the comparison holds. */
  readonly exits: readonly Branch[];
  readonly nodes: number;
}

function compareSingle({ argument, op, mask, datum }: Comparison): Group {
  const node = half(argument * 2, programOp(op), op, low(mask), low(datum), datum);
  return { entry: node, exits: [NEGATED.has(op) ? node.whenFalse : node.whenTrue], nodes: 1 };
}

function compareDouble({ argument, op, mask, datum }: Comparison): Group {
  const highWord = argument * 2 + 1;
  const lowWord = argument * 2;
  const lowNode = half(lowWord, programOp(op), op, low(mask), low(datum), datum);
  const test = programOp(op);
  if (test === 'eq' || test === 'masked') {
    const top = half(highWord, test, op, high(mask), high(datum), datum);
    top.whenTrue.next = hold(lowNode);
    const exits = op === 'ne' ? [top.whenFalse, lowNode.whenFalse] : [lowNode.whenTrue];
    return { entry: top, exits, nodes: 2 };
  }
  const above = half(highWord, 'gt', op, high(mask), high(datum), datum);
  const equal = half(highWord, 'eq', op, high(mask), high(datum), datum);
  above.whenFalse.next = hold(equal);
  equal.whenTrue.next = hold(lowNode);
  const exits = NEGATED.has(op) ? [equal.whenFalse, lowNode.whenFalse] : [above.whenTrue, lowNode.whenTrue];
  return { entry: above, exits, nodes: 3 };
}

function programOp(op: Operator): Node['op'] {
  switch (op) {
    case 'eq':
    case 'ne':
      return 'eq';
    case 'masked_eq':
      return 'masked';
    case 'gt':
    case 'le':
      return 'gt';
    case 'ge':
    case 'lt':
      return 'ge';
  }
}

function half(
  word: Word,
  op: Node['op'],
  original: Operator,
  mask: number,
  datum: number,
  full: bigint,
): Node {
  return createNode({ word, op, rank: RANK[original], mask, datum: (datum & mask) >>> 0, full });
}

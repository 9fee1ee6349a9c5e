import { type Branch, type Comparison, type Node, postOrder } from './graph.js';
import { type Instruction, OP, type Program } from './instruction.js';

/** The furthest a two-way jump reaches: jt and jf have 8 bits. */
const REACH = 255;
const FULL = 0xffffffff;

/**
 * Where a branch is entered. `load` loads the word first, `mask` has the word in the accumulator and masks it,
 * `compare` has all that the comparison needs.
 */
type Entry = 'load' | 'mask' | 'compare';

/**
 * Gives a graph addresses. The program is written backwards, so the distance to a target is known when a jump to it
 * is written; the larger of two targets is placed further away. Where 8 bits do not reach, a return is repeated and
 * for everything else an unconditional jump, whose offset has 32 bits, is put within reach.
 */
export function emit(root: Node): Program {
  const order = postOrder(root);
  const entries = entriesOf(order);
  /** The instructions in reverse. */
  const code: Instruction[] = [];
  /** The nearest instruction that leads to a node's entry, as an index into `code`. */
  const places = {
    load: new Map<Node, number>(),
    mask: new Map<Node, number>(),
    compare: new Map<Node, number>(),
  };

  const distance = (node: Node, entry: Entry): number => {
    const place = places[entry].get(node);
    return place === undefined ? Number.POSITIVE_INFINITY : code.length - place - 1;
  };
  const bringNear = (node: Node, entry: Entry): void => {
    if (node.kind === 'return') code.push({ code: OP.ret, jt: 0, jf: 0, k: node.value });
    else code.push({ code: OP.ja, jt: 0, jf: 0, k: distance(node, entry) });
    places[entry].set(node, code.length - 1);
  };

  for (const node of order) {
    const thenEntry = entryFrom(node, node.then);
    const elseEntry = entryFrom(node, node.else);
    for (;;) {
      if (distance(node.then, thenEntry) > REACH) bringNear(node.then, thenEntry);
      else if (distance(node.else, elseEntry) > REACH) bringNear(node.else, elseEntry);
      else break;
    }
    const [yes, no] = [distance(node.then, thenEntry), distance(node.else, elseEntry)];
    code.push(
      isBitTest(node)
        ? { code: OP.jset, jt: no, jf: yes, k: node.mask }
        : { code: JUMPS[node.op], jt: yes, jf: no, k: node.value },
    );
    places.compare.set(node, code.length - 1);
    const wanted = entries.get(node);
    if (masks(node) && (wanted?.has('mask') || wanted?.has('load') || node === root)) {
      code.push({ code: OP.and, jt: 0, jf: 0, k: node.mask });
      places.mask.set(node, code.length - 1);
    }
    if (wanted?.has('load') || node === root) {
      code.push({ code: OP.ld_abs, jt: 0, jf: 0, k: node.offset });
      places.load.set(node, code.length - 1);
    }
  }
  if (root.kind === 'return') bringNear(root, 'compare');
  return code.reverse();
}

const JUMPS: Record<Comparison, number> = { eq: OP.jeq, gt: OP.jgt, ge: OP.jge };

/** No bit of the mask set: JSET answers that without changing the accumulator. */
function isBitTest(node: Branch): boolean {
  return node.op === 'eq' && node.value === 0 && node.mask !== FULL;
}

/** Whether the comparison is of a masked word, which then is what remains in the accumulator. */
function masks(node: Branch): boolean {
  return node.mask !== FULL && !isBitTest(node);
}

/** How a branch is entered from another one, whose word is still in the accumulator. */
function entryFrom(node: Branch, target: Node): Entry {
  if (target.kind === 'return') return 'compare';
  if (target.offset !== node.offset) return 'load';
  if (!masks(node)) return masks(target) ? 'mask' : 'compare';
  return masks(target) && target.mask === node.mask ? 'compare' : 'load';
}

/** The entries by which each branch is reached. */
function entriesOf(order: readonly Branch[]): ReadonlyMap<Node, ReadonlySet<Entry>> {
  const entries = new Map<Node, Set<Entry>>();
  for (const node of order) {
    for (const target of [node.then, node.else]) {
      if (target.kind === 'return') continue;
      const known = entries.get(target);
      const entry = entryFrom(node, target);
      if (known === undefined) entries.set(target, new Set([entry]));
      else known.add(entry);
    }
  }
  return entries;
}

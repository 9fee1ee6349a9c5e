/**
 * A program before it has addresses: comparisons of one 32-bit word of struct seccomp_data, down to return values.
 * Equal nodes of one graph are the same object, so what two sections share is placed once.
 */
export type Node = Return | Branch;

interface Return {
  readonly kind: 'return';
  readonly id: number;
  readonly value: number;
}

/** `(word at offset & mask) OP value`, unsigned. */
export interface Branch {
  readonly kind: 'branch';
  readonly id: number;
  readonly offset: number;
  readonly mask: number;
  readonly op: Comparison;
  readonly value: number;
  readonly then: Node;
  readonly else: Node;
}

export type Comparison = 'eq' | 'gt' | 'ge';

export interface Graph {
  readonly ret: (value: number) => Return;
  /** The node for this comparison, or its branch where both are the same. */
  readonly branch: (
    offset: number,
    mask: number,
    op: Comparison,
    value: number,
    then: Node,
    otherwise: Node,
  ) => Node;
}

export function createGraph(): Graph {
  const returns = new Map<number, Return>();
  /** By a hash of all that makes a branch; seldom do two have the same. */
  const branches = new Map<number, Branch[]>();
  let nextId = 0;
  return {
    ret(value) {
      let node = returns.get(value);
      if (node === undefined) {
        node = { kind: 'return', id: nextId++, value };
        returns.set(value, node);
      }
      return node;
    },
    branch(offset, mask, op, value, then, otherwise) {
      if (then === otherwise) return then;
      const key =
        Math.imul(then.id, 0x9e3779b1) ^
        Math.imul(otherwise.id, 0x85ebca6b) ^
        Math.imul(value, 0xc2b2ae35) ^
        mask;
      let alike = branches.get(key);
      if (alike === undefined) {
        alike = [];
        branches.set(key, alike);
      }
      for (const node of alike)
        if (node.value === value && node.offset === offset && node.mask === mask && node.op === op)
          return node;
      const node: Branch = { kind: 'branch', id: nextId++, offset, mask, op, value, then, else: otherwise };
      alike.push(node);
      return node;
    },
  };
}

/** All branches below a node, each behind both of its targets; of the two the larger one is first. */
export function postOrder(root: Node): readonly Branch[] {
  const order: Branch[] = [];
  const size = new Map<Node, number>();
  const open = new Set<Node>();
  const first = sizes(root);
  const stack: Node[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'return' || size.has(node)) continue;
    if (open.has(node)) {
      size.set(node, 1);
      order.push(node);
      continue;
    }
    open.add(node);
    stack.push(node);
    const thenIsLarger = (first.get(node.then) ?? 0) >= (first.get(node.else) ?? 0);
    // The last one pushed is the first one visited.
    if (thenIsLarger) stack.push(node.else, node.then);
    else stack.push(node.then, node.else);
  }
  return order;
}

/** Nodes below each node, counted once for every way there: only used to tell the larger of two. */
function sizes(root: Node): ReadonlyMap<Node, number> {
  const size = new Map<Node, number>();
  const stack: Node[] = [root];
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (node.kind === 'return' || size.has(node)) {
      stack.pop();
      continue;
    }
    const then = node.then.kind === 'return' ? 0 : size.get(node.then);
    const otherwise = node.else.kind === 'return' ? 0 : size.get(node.else);
    if (then === undefined) stack.push(node.then);
    else if (otherwise === undefined) stack.push(node.else);
    else size.set(node, 1 + then + otherwise);
  }
  return size;
}

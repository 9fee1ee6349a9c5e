import { type Action, toReturnValue } from './action.js';
import type { Decision, Leaf, Test } from './policy.js';

const leaves = new Map<number, Leaf>();
const tests = new Map<string, WeakRef<Test>>();
const ids = new WeakMap<Decision, number>();
let nextId = 1;

function idOf(node: Decision): number {
  const known = ids.get(node);
  if (known !== undefined) return known;
  const id = nextId++;
  ids.set(node, id);
  return id;
}

/** The one leaf for an action. */
export function leaf(action: Action): Leaf {
  const key = toReturnValue(action);
  let node = leaves.get(key);
  if (node === undefined) {
    node = Object.freeze({ kind: 'leaf', action: Object.freeze({ ...action }) });
    leaves.set(key, node);
  }
  return node;
}

/**
 * The one node for this comparison, or the branch itself where the outcome cannot matter.
 * `value` is compared unsigned with `word & mask`.
 */
export function test(parts: Omit<Test, 'kind'>): Decision {
  const { word, op, then } = parts;
  const mask = parts.mask >>> 0;
  const value = parts.value >>> 0;
  const otherwise = parts.else;
  if (then === otherwise) return then;
  if (op === 'ge' && value === 0) return then;
  if (op === 'gt' && value >= mask) return otherwise;
  if (op === 'ge' && value > mask) return otherwise;
  if (op === 'eq' && (value & ~mask) !== 0) return otherwise;
  if (op === 'eq' && mask === 0) return then;
  const key = `${word},${mask},${op},${value},${idOf(then)},${idOf(otherwise)}`;
  const known = tests.get(key)?.deref();
  if (known !== undefined) return known;
  const node: Test = Object.freeze({ kind: 'test', word, mask, op, value, then, else: otherwise });
  tests.set(key, new WeakRef(node));
  cleanup.register(node, key);
  return node;
}

const cleanup = new FinalizationRegistry<string>((key) => {
  if (tests.get(key)?.deref() === undefined) tests.delete(key);
});

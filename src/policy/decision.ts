import { type Action, toReturnValue } from './action.js';
import type { Decision, Leaf, Test } from './policy.js';

const leaves = new Map<number, Leaf>();
/** By a hash of all that makes a test; seldom do two have the same. */
const tests = new Map<number, WeakRef<Test>[]>();
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
  const key =
    Math.imul(idOf(then), 0x9e3779b1) ^
    Math.imul(idOf(otherwise), 0x85ebca6b) ^
    Math.imul(value, 0xc2b2ae35) ^
    Math.imul(mask + word, 0x27d4eb2f);
  const alike = tests.get(key) ?? [];
  for (const reference of alike) {
    const known = reference.deref();
    if (
      known !== undefined &&
      known.value === value &&
      known.then === then &&
      known.else === otherwise &&
      known.op === op &&
      known.word === word &&
      known.mask === mask
    )
      return known;
  }
  const node: Test = Object.freeze({ kind: 'test', word, mask, op, value, then, else: otherwise });
  if (alike.push(new WeakRef(node)) === 1) tests.set(key, alike);
  cleanup.register(node, key);
  return node;
}

const cleanup = new FinalizationRegistry<number>((key) => {
  const alive = tests.get(key)?.filter((reference) => reference.deref() !== undefined) ?? [];
  if (alive.length === 0) tests.delete(key);
  else tests.set(key, alive);
});

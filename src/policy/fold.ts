import type { Action } from './action.js';
import type { Decision, Test } from './policy.js';

export interface Fold<T> {
  readonly leaf: (action: Action) => T;
  readonly test: (test: Test, then: T, otherwise: T) => T;
}

/**
 * Computes a value for a decision from the values of its branches; each shared node is asked for once, and results
 * stay in `done` for the next call. Without recursion, because a list of allowed values makes a chain of thousands.
 */
export function foldDecision<T>(root: Decision, fold: Fold<T>, done: Map<Decision, T> = new Map()): T {
  const stack: Decision[] = [root];
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (done.has(node)) {
      stack.pop();
    } else if (node.kind === 'leaf') {
      done.set(node, fold.leaf(node.action));
    } else if (!done.has(node.then)) {
      stack.push(node.then);
    } else if (!done.has(node.else)) {
      stack.push(node.else);
    } else {
      done.set(node, fold.test(node, done.get(node.then) as T, done.get(node.else) as T));
    }
  }
  return done.get(root) as T;
}

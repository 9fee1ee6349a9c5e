import type { Action } from './action.js';
import { combinePolicies } from './combine.js';
import type { Policy } from './policy.js';
import { strongerAction, weakerAction } from './stack.js';

/** `intersect`: what both let through; `union`: what either does. */
export type MergeKind = 'intersect' | 'union';

/**
 * The action for a call that two policies answer in these ways: the one that the kernel would take of two filters
 * (`intersect`), or the other one (`union`). Of two errnos, which the kernel does not rank, it is the first's.
 */
export function mergeActions(kind: MergeKind, first: Action, second: Action): Action {
  return kind === 'intersect' ? strongerAction(first, second) : weakerAction(first, second);
}

/** The meet or the join of two policies, call by call and argument by argument. */
export function mergePolicies(kind: MergeKind, first: Policy, second: Policy): Policy {
  return combinePolicies(first, second, (one, other) => mergeActions(kind, one, other));
}

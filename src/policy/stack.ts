import { type Action, toReturnValue } from './action.js';
import { combinePolicies } from './combine.js';
import type { Policy } from './policy.js';

/**
 * What several filters of one task answer together. The kernel runs all of them, the newest first, and takes the
 * answer whose action is the smallest as a signed number; of equal actions the newest filter's, with its data
 * (kernel/seccomp.c: seccomp_run_filters). Without a filter every call is allowed.
 *
 * @param newestFirst each filter's policy, in the order in which the kernel runs them
 */
export function stackPolicies(newestFirst: readonly Policy[]): Policy {
  return newestFirst.reduce<Policy>((newer, older) => combinePolicies(newer, older, strongerAction), {
    sections: [],
    otherArch: { kind: 'allow' },
  });
}

/** The answer of two filters' answers; `newer` wins among equal actions. */
export function strongerAction(newer: Action, older: Action): Action {
  return rank(older) < rank(newer) ? older : newer;
}

/** The other one: of equal actions again the first. */
export function weakerAction(first: Action, second: Action): Action {
  return rank(second) > rank(first) ? second : first;
}

/** ACTION_ONLY of kernel/seccomp.c: the upper half, signed. */
function rank(action: Action): number {
  return toReturnValue(action) >> 16;
}

import { halfOf, holds } from '../policy/decide.js';
import { leaf, test } from '../policy/decision.js';
import { foldDecision } from '../policy/fold.js';
import type { Decision } from '../policy/policy.js';

/** The decision that is left when some registers are known. */
export function restrict(decision: Decision, args: readonly (bigint | undefined)[]): Decision {
  return foldDecision<Decision>(decision, {
    leaf,
    test: (node, then, otherwise) => {
      const register = args[node.word >> 1];
      if (register === undefined) return test({ ...node, then, else: otherwise });
      return holds(node, halfOf(register, node.word)) ? then : otherwise;
    },
  });
}

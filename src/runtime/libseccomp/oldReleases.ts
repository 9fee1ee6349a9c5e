import type { Comparison } from './chain.js';

/** Conditional rules that a call has got so far, and whether all of them are of the kind that is understood. */
export interface SimpleRules {
  readonly action: number;
  readonly op: Comparison['op'];
  readonly count: number;
}

/**
 * Releases before 2.4.0 merge comparisons in a way of their own. What they make of these was compared with the real
 * library and equals what later releases make of them: any number of rules with one EQ each, or one MASKED_EQ, all of a call
 * with the same action. Returns undefined for everything else.
 */
export function extendSimple(
  earlier: SimpleRules | undefined,
  comparisons: readonly Comparison[],
  action: number,
): SimpleRules | undefined {
  const [only, another] = comparisons;
  if (only === undefined || another !== undefined) return undefined;
  if (only.op !== 'eq' && only.op !== 'masked_eq') return undefined;
  if (earlier === undefined) return { action, op: only.op, count: 1 };
  const mergeable = only.op === 'eq' && earlier.op === 'eq' && earlier.action === action;
  return mergeable ? { ...earlier, count: earlier.count + 1 } : undefined;
}

import type { Action } from './action.js';
import { leaf } from './decision.js';
import type { Decision, Range } from './policy.js';

/** Largest number that seccomp_data.nr can hold. */
export const LAST_NUMBER = 0xffffffff;

/**
 * Ranges over all numbers: the given decisions, and `otherwise` everywhere else. Neighbours with the same decision
 * become one range. Numbers are those of seccomp_data.nr, unsigned.
 *
 * @example buildRanges(new Map([[2, allow]]), deny).map(({ from, to }) => [from, to]) // [[0, 1], [2, 2], [3, 0xffffffff]]
 */
export function buildRanges(decisions: ReadonlyMap<number, Decision>, otherwise: Decision): readonly Range[] {
  const ranges: Range[] = [];
  let next = 0;
  for (const number of [...decisions.keys()].sort((a, b) => a - b)) {
    if (number > next) append(ranges, next, number - 1, otherwise);
    append(ranges, number, number, decisions.get(number) ?? otherwise);
    next = number + 1;
  }
  if (next <= LAST_NUMBER) append(ranges, next, LAST_NUMBER, otherwise);
  return ranges;
}

/** The ranges with the action of `from..to` (inclusive) replaced. */
export function overwrite(
  ranges: readonly Range[],
  from: number,
  to: number,
  action: Action,
): readonly Range[] {
  const result: Range[] = [];
  for (const range of ranges) {
    if (range.from < from) append(result, range.from, Math.min(range.to, from - 1), range.decision);
    if (range.from <= from && from <= range.to) append(result, from, to, leaf(action));
    if (range.to > to) append(result, Math.max(range.from, to + 1), range.to, range.decision);
  }
  return result;
}

/** Adds a range at the end, joined with the last one where that says the same. */
function append(ranges: Range[], from: number, to: number, decision: Decision): void {
  const last = ranges[ranges.length - 1];
  if (last !== undefined && last.decision === decision) ranges[ranges.length - 1] = { ...last, to };
  else ranges.push({ from, to, decision });
}

import type { Comparison } from './graph.js';

/** Whether `(word & mask) OP value` holds for one value of the word. */
export function compareWord(word: number, mask: number, op: Comparison, value: number): boolean {
  const masked = (word & mask) >>> 0;
  return op === 'eq' ? masked === value : op === 'gt' ? masked > value : masked >= value;
}

/**
 * The outcome of `(word & mask) OP value` for every word from `low` to `high`, or, when it is not the same for all,
 * the last word of a lower part at which to cut. Cutting again and again ends with parts that have one outcome.
 */
export function decideInterval(
  low: number,
  high: number,
  mask: number,
  op: Comparison,
  value: number,
): boolean | number {
  if (low === high) return compareWord(low, mask, op, value);
  // The bits from the highest one that differs downwards take part in the choice; all above are the same.
  const span = 0xffffffff >>> Math.clz32(low ^ high);
  const fixed = low & ~span & mask;
  const open = (mask & span) >>> 0;
  const [least, most] = [fixed >>> 0, (fixed | open) >>> 0];
  if (op === 'eq' && ((value & ~open) >>> 0 !== least || least === most))
    return least === most && value === least;
  if (op === 'ge' && (least >= value || most < value)) return least >= value;
  if (op === 'gt' && (least > value || most <= value)) return least > value;
  if (open === span) {
    // All low bits count: the masked word grows with the word, so the outcome changes at known places.
    const base = (low & ~span) >>> 0;
    const pivot = base + ((value & span) >>> 0);
    const belowPrefix = (value & ~span) >>> 0 < fixed >>> 0;
    const abovePrefix = (value & ~span) >>> 0 > fixed >>> 0;
    if (!belowPrefix && !abovePrefix) {
      const first = op === 'gt' ? pivot + 1 : pivot;
      if (op === 'eq') {
        if (pivot < low || pivot > high) return false;
        return pivot > low ? pivot - 1 : pivot;
      }
      if (first <= low) return true;
      return first > high ? false : first - 1;
    }
  }
  const half = (span + 1) / 2;
  return ((high & ~(half - 1)) >>> 0) - 1;
}

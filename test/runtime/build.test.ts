import { describe, expect, it } from 'vitest';
import { buildRanges, LAST_NUMBER, overwrite } from '../../src/policy/build.js';
import { leaf } from '../../src/policy/decision.js';
import type { Range } from '../../src/policy/policy.js';

const allow = leaf({ kind: 'allow' });
const deny = leaf({ kind: 'errno', errno: 1 });

function text(ranges: readonly Range[]): string {
  return ranges
    .map(
      ({ from, to, decision }) =>
        `${from}-${to === LAST_NUMBER ? 'end' : to}${decision === allow ? '+' : '-'}`,
    )
    .join(' ');
}

describe('ranges', () => {
  it.each<[string, readonly number[], string]>([
    ['none', [], '0-end-'],
    ['first', [0], '0-0+ 1-end-'],
    ['neighbours join', [3, 1, 2], '0-0- 1-3+ 4-end-'],
    ['last', [LAST_NUMBER], '0-4294967294- 4294967295-end+'],
  ])('built from %s', (_, allowed, expected) => {
    expect(text(buildRanges(new Map(allowed.map((number) => [number, allow])), deny))).toBe(expected);
  });

  it('joins what the fallback already says', () => {
    expect(text(buildRanges(new Map([[5, deny]]), deny))).toBe('0-end-');
  });

  it.each<[number, number, string]>([
    [0, LAST_NUMBER, '0-end+'],
    [0, 0, '0-0+ 1-1- 2-4+ 5-end-'],
    [3, 9, '0-1- 2-9+ 10-end-'],
    [10, LAST_NUMBER, '0-1- 2-4+ 5-9- 10-end+'],
    [2, 4, '0-1- 2-4+ 5-end-'],
    [1, 1, '0-0- 1-4+ 5-end-'],
  ])('with %i to %i replaced', (from, to, expected) => {
    const ranges = buildRanges(new Map([2, 3, 4].map((number) => [number, allow])), deny);
    expect(text(overwrite(ranges, from, to, { kind: 'allow' }))).toBe(expected);
  });
});

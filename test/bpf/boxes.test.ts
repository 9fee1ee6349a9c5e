import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBoxes } from '../../src/bpf/boxes.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import { createDiagrams } from '../../src/policy/diagram.js';
import type { Decision, Test } from '../../src/policy/policy.js';
import { LAST } from './arbitrary.js';

const ends = fc.constantFrom<Decision>(leaf({ kind: 'allow' }), leaf({ kind: 'errno', errno: 1 }));
const values = fc.constantFrom(0, 1, 2, 3, 4, 7, 8, 0x7fffffff, 0x80000000, LAST - 1, LAST);
const question = fc.record({
  word: fc.constantFrom(0, 1, 2),
  op: fc.constantFrom<Test['op']>('eq', 'gt', 'ge'),
  value: values,
});

/** Comparisons without masks, each going on at two of the decisions made before it. */
const decision: fc.Arbitrary<Decision> = fc
  .tuple(ends, ends, fc.array(fc.tuple(question, fc.nat(), fc.nat()), { maxLength: 12 }))
  .map(([one, other, steps]) => {
    const made = [one, other];
    for (const [asked, yes, no] of steps) {
      const then = made.at(-1 - (yes % Math.min(made.length, 3))) as Decision;
      const otherwise = made.at(-1 - (no % Math.min(made.length, 3))) as Decision;
      made.push(compare({ ...asked, mask: LAST, then, else: otherwise }));
    }
    return made.at(-1) as Decision;
  });

describe('boxes', () => {
  test('random decisions are the same exactly when their diagrams are', () => {
    const seen = { same: 0, different: 0 };
    fc.assert(
      fc.property(decision, decision, question, (left, right, asked) => {
        const diagrams = createDiagrams();
        const whole = compare({ ...asked, mask: LAST, then: left, else: right });
        const turned = compare({ ...asked, mask: LAST, then: right, else: left });
        for (const [a, b] of [
          [left, right],
          [whole, left],
          [whole, turned],
          [compare({ word: 2, mask: LAST, op: 'ge', value: 5, then: whole, else: whole }), whole],
          [compare({ word: 2, mask: LAST, op: 'ge', value: 5, then: whole, else: left }), left],
        ] as const) {
          const same = diagrams.of(a) === diagrams.of(b);
          expect(createBoxes().same(a, b)).toBe(same);
          seen[same ? 'same' : 'different']++;
        }
      }),
      { seed: 8, numRuns: 1500 },
    );
    expect(seen.same).toBeGreaterThan(500);
    expect(seen.different).toBeGreaterThan(500);
  });

  test('a mask is left to others', () => {
    const [one, other] = [leaf({ kind: 'allow' }), leaf({ kind: 'log' })];
    const masked = compare({ word: 0, mask: 6, op: 'eq', value: 2, then: one, else: other });
    expect(createBoxes().same(masked, one)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createShapes } from '../../src/bpf/shape.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import { createDiagrams } from '../../src/policy/diagram.js';
import type { Decision, Test } from '../../src/policy/policy.js';
import { decision, LAST } from './arbitrary.js';

const [A, B] = [leaf({ kind: 'allow' }), leaf({ kind: 'errno', errno: 1 })];
const ask = (mask: number, op: Test['op'], value: number, then: Decision, otherwise: Decision): Decision =>
  compare({ word: 0, mask, op, value, then, else: otherwise });

const table: readonly (readonly [text: string, left: Decision, right: Decision, same: boolean])[] = [
  ['> 4 and >= 5', ask(LAST, 'gt', 4, A, B), ask(LAST, 'ge', 5, A, B), true],
  ['> 4 and >= 4', ask(LAST, 'gt', 4, A, B), ask(LAST, 'ge', 4, A, B), false],
  ['one bit set, and not clear', ask(8, 'eq', 8, A, B), ask(8, 'eq', 0, B, A), true],
  ['a masked word above 0, and not 0', ask(0xff0, 'gt', 7, A, B), ask(0xff0, 'eq', 0, B, A), true],
  ['a masked word at its lowest bit', ask(0xff0, 'ge', 16, A, B), ask(0xff0, 'eq', 0, B, A), true],
  ['a masked word above its lowest bit', ask(0xff0, 'ge', 17, A, B), ask(0xff0, 'eq', 0, B, A), false],
  [
    'two bits one by one, and together',
    ask(1, 'eq', 1, B, ask(2, 'eq', 2, B, A)),
    ask(3, 'eq', 0, A, B),
    true,
  ],
  ['two bits with different ends', ask(1, 'eq', 1, A, ask(2, 'eq', 2, B, A)), ask(3, 'eq', 0, A, B), false],
  ['two bits both set, and one', ask(3, 'eq', 3, A, B), ask(1, 'eq', 1, A, B), false],
];

describe('shapes', () => {
  test.each(table)('%s', (_, left, right, same) => {
    expect(createShapes().same(left, right)).toBe(same);
    expect(createShapes().same(right, left)).toBe(same);
  });

  test('never calls different decisions the same', () => {
    const diagrams = createDiagrams();
    let same = 0;
    const small = fc
      .tuple(
        fc.constantFrom(1, 2, 3, 4, 7, LAST),
        fc.constantFrom('eq', 'gt', 'ge'),
        fc.integer({ min: 0, max: 4 }),
      )
      .chain(([mask, op, value]) =>
        fc.constantFrom(
          ask(mask, op, value, A, B),
          ask(mask, op, value, B, A),
          ask(mask, op, value, A, ask(3, 'eq', 0, B, A)),
        ),
      );
    fc.assert(
      fc.property(
        fc.oneof({ weight: 5, arbitrary: small }, decision),
        fc.oneof({ weight: 5, arbitrary: small }, decision),
        (left, right) => {
          if (!createShapes().same(left, right)) return;
          if (left !== right) same++;
          expect(diagrams.of(left)).toBe(diagrams.of(right));
        },
      ),
      { seed: 8, numRuns: 20_000 },
    );
    expect(same).toBeGreaterThan(50);
  });
});

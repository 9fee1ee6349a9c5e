import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Action, toReturnValue } from '../../src/policy/action.js';
import { decideArguments } from '../../src/policy/decide.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import { createDiagrams } from '../../src/policy/diagram.js';
import type { Decision } from '../../src/policy/policy.js';

const actions: readonly Action[] = [
  { kind: 'allow' },
  { kind: 'errno', errno: 1 },
  { kind: 'errno', errno: 38 },
  { kind: 'kill_process' },
];
const action = fc.constantFrom(...actions);
const value = fc.oneof(
  fc.constantFrom(0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
  fc.integer({ min: 0, max: 8 }),
);
const decision: fc.Arbitrary<Decision> = fc.letrec<{ node: Decision }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    action.map(leaf),
    fc
      .record({
        word: fc.integer({ min: 0, max: 3 }),
        mask: fc.oneof({ weight: 3, arbitrary: fc.constant(0xffffffff) }, { weight: 1, arbitrary: value }),
        op: fc.constantFrom('eq' as const, 'gt' as const, 'ge' as const),
        value,
        then: tie('node'),
        else: tie('node'),
      })
      .map(compare),
  ),
})).node;
const register = fc.tuple(value, value).map(([high, low]) => (BigInt(high) << 32n) | BigInt(low));
const registers = fc.array(register, { minLength: 6, maxLength: 6 });

describe('diagram', () => {
  test('answers as the decision does', () => {
    const diagrams = createDiagrams();
    fc.assert(
      fc.property(decision, fc.array(registers, { minLength: 20, maxLength: 20 }), (node, calls) => {
        const ref = diagrams.of(node);
        for (const args of calls) {
          expect(diagrams.evaluate(ref, args)).toBe(toReturnValue(decideArguments(node, args)));
        }
      }),
      { seed: 1, numRuns: 1500 },
    );
  });

  test('a difference is shown by its arguments, and equal answers are one reference', () => {
    const diagrams = createDiagrams();
    let equal = 0;
    fc.assert(
      fc.property(decision, decision, (left, right) => {
        const args = diagrams.difference(diagrams.of(left), diagrams.of(right));
        if (args === undefined) {
          equal++;
          return;
        }
        expect(decideArguments(left, args)).not.toEqual(decideArguments(right, args));
      }),
      { seed: 2, numRuns: 1500 },
    );
    expect(equal).toBeGreaterThan(20);
  });

  test.each([
    ['two spellings of a 64-bit comparison', 5],
    ['of one value', 1],
  ])('%s are one reference', (_, wanted) => {
    const diagrams = createDiagrams();
    const [yes, no] = [leaf({ kind: 'allow' }), leaf({ kind: 'errno', errno: 1 })];
    const word = (index: number, then: Decision, otherwise: Decision, expected: number): Decision =>
      compare({ word: index, mask: 0xffffffff, op: 'eq', value: expected, then, else: otherwise });
    const highFirst = word(1, word(0, yes, no, wanted), no, 0);
    const lowFirst = word(0, word(1, yes, no, 0), no, wanted);
    expect(highFirst).not.toBe(lowFirst);
    expect(diagrams.of(highFirst)).toBe(diagrams.of(lowFirst));
  });

  test('a list of ten thousand allowed values is built', () => {
    const diagrams = createDiagrams();
    const no = leaf({ kind: 'errno', errno: 1 });
    let list: Decision = no;
    for (let allowed = 0; allowed < 10_000; allowed++) {
      list = compare({
        word: 0,
        mask: 0xffffffff,
        op: 'eq',
        value: allowed,
        then: leaf({ kind: 'allow' }),
        else: list,
      });
    }
    const range = compare({
      word: 0,
      mask: 0xffffffff,
      op: 'gt',
      value: 9_999,
      then: no,
      else: leaf({ kind: 'allow' }),
    });
    expect(diagrams.of(list)).toBe(diagrams.of(range));
  });
});

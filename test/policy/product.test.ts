import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Action, sameAction, toReturnValue } from '../../src/policy/action.js';
import { decideArguments } from '../../src/policy/decide.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import { createDiagrams } from '../../src/policy/diagram.js';
import type { Decision } from '../../src/policy/policy.js';
import { answerPairs, argumentsRead } from '../../src/policy/product.js';
import { decision } from '../bpf/arbitrary.js';

const ALLOW: Action = { kind: 'allow' };
const EPERM: Action = { kind: 'errno', errno: 1 };
const ALL = 1n << 384n;

/** `argument == value` over all 64 bits. */
function equals(argument: number, value: bigint, then: Decision, otherwise: Decision): Decision {
  const low = Number(value & 0xffffffffn);
  const high = Number(value >> 32n);
  const rest = compare({ word: 2 * argument, mask: 0xffffffff, op: 'eq', value: low, then, else: otherwise });
  return compare({
    word: 2 * argument + 1,
    mask: 0xffffffff,
    op: 'eq',
    value: high,
    then: rest,
    else: otherwise,
  });
}

describe('answerPairs', () => {
  test('counts one value of one argument', () => {
    const diagrams = createDiagrams();
    const before = diagrams.of(leaf(EPERM));
    const after = diagrams.of(equals(0, 0x40000n, leaf(ALLOW), leaf(EPERM)));
    const pairs = answerPairs(diagrams, before, after);
    const opened = pairs.find(({ right }) => sameAction(right, ALLOW));
    expect(opened?.count).toBe(1n << 320n);
    expect(opened?.example).toEqual([0x40000n, 0n, 0n, 0n, 0n, 0n]);
    expect(argumentsRead(diagrams, before, after)).toEqual([0]);
  });

  test('the last argument’s lowest bit, and the first one’s highest', () => {
    const diagrams = createDiagrams();
    const bit = (word: number, mask: number): Decision =>
      compare({ word, mask, op: 'eq', value: 0, then: leaf(EPERM), else: leaf(ALLOW) });
    for (const [word, mask, example] of [
      [10, 1, [0n, 0n, 0n, 0n, 0n, 1n]],
      [1, 0x80000000, [1n << 63n, 0n, 0n, 0n, 0n, 0n]],
    ] as const) {
      const ref = diagrams.of(bit(word, mask));
      const pairs = answerPairs(diagrams, ref, ref);
      expect(pairs.map(({ count }) => count)).toEqual([ALL / 2n, ALL / 2n]);
      expect(pairs[1]?.example).toEqual(example);
      expect(argumentsRead(diagrams, ref)).toEqual([word >> 1]);
    }
  });

  test('every combination is counted once, and every example is what it says', () => {
    fc.assert(
      fc.property(decision, decision, (left, right) => {
        const diagrams = createDiagrams();
        const pairs = answerPairs(diagrams, diagrams.of(left), diagrams.of(right));
        expect(pairs.reduce((sum, { count }) => sum + count, 0n)).toBe(ALL);
        const keys = pairs.map((pair) => `${toReturnValue(pair.left)},${toReturnValue(pair.right)}`);
        expect(new Set(keys).size).toBe(keys.length);
        for (const pair of pairs) {
          expect(toReturnValue(decideArguments(left, pair.example))).toBe(toReturnValue(pair.left));
          expect(toReturnValue(decideArguments(right, pair.example))).toBe(toReturnValue(pair.right));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('counts agree with trying every value of eight bits', () => {
    const small = fc.letrec<{ node: Decision }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(leaf(ALLOW), leaf(EPERM)),
        fc
          .record({
            word: fc.constantFrom(0, 2),
            mask: fc.integer({ min: 0, max: 15 }),
            op: fc.constantFrom('eq' as const, 'gt' as const, 'ge' as const),
            value: fc.integer({ min: 0, max: 16 }),
            then: tie('node'),
            else: tie('node'),
          })
          .map(compare),
      ),
    })).node;
    fc.assert(
      fc.property(small, small, (left, right) => {
        const diagrams = createDiagrams();
        const counted = new Map<string, bigint>();
        for (let first = 0n; first < 16n; first++)
          for (let second = 0n; second < 16n; second++) {
            const args = [first, second];
            const key = [left, right].map((side) => toReturnValue(decideArguments(side, args))).join();
            counted.set(key, (counted.get(key) ?? 0n) + 1n);
          }
        const pairs = answerPairs(diagrams, diagrams.of(left), diagrams.of(right));
        const scaled = pairs.map((pair): [string, bigint] => [
          `${toReturnValue(pair.left)},${toReturnValue(pair.right)}`,
          pair.count >> 376n,
        ]);
        expect(new Map(scaled)).toEqual(counted);
      }),
      { numRuns: 200 },
    );
  });
});

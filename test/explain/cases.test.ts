import { describe, expect, test } from 'vitest';
import { type ArgumentWords, casesOf } from '../../src/explain/cases.js';
import { restrict } from '../../src/explain/restrict.js';
import type { Action } from '../../src/policy/action.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import type { Decision, Test } from '../../src/policy/policy.js';

const allow: Action = { kind: 'allow' };
const eperm: Action = { kind: 'errno', errno: 1 };
const [yes, no] = [leaf(allow), leaf(eperm)];

const words: ArgumentWords = { name: (index) => `a${index}`, value: (_, value) => `${value}`, bits: 64 };

const half = (
  word: number,
  op: Test['op'],
  value: number,
  then: Decision,
  otherwise: Decision,
  mask = 0xffffffff,
): Decision => compare({ word, mask, op, value, then, else: otherwise });
const equals = (argument: number, value: bigint, then: Decision, otherwise: Decision): Decision =>
  half(
    2 * argument + 1,
    'eq',
    Number(value >> 32n),
    half(2 * argument, 'eq', Number(value & 0xffffffffn), then, otherwise),
    otherwise,
  );

describe('casesOf', () => {
  test.each<[string, Decision, [string[], Action][]]>([
    ['a constant', yes, [[['otherwise'], allow]]],
    [
      'one value',
      equals(0, 40n, no, yes),
      [
        [['a0 == 40'], eperm],
        [['otherwise'], allow],
      ],
    ],
    [
      'a value beyond 32 bits',
      equals(0, 0x100000002n, yes, no),
      [
        [['a0 == 4294967298'], allow],
        [['otherwise'], eperm],
      ],
    ],
    [
      'two values and what lies between',
      equals(0, 1n, yes, equals(0, 3n, yes, no)),
      [
        [['a0 == 1', 'a0 == 3'], allow],
        [['otherwise'], eperm],
      ],
    ],
    [
      'a limit over both halves',
      half(1, 'gt', 0, yes, half(1, 'eq', 0, half(0, 'ge', 5, yes, no), no)),
      [
        [['a0 <= 4'], eperm],
        [['otherwise'], allow],
      ],
    ],
    [
      'flags under a mask',
      half(0, 'eq', 0, yes, no, 0x7e020000),
      [
        [['(a0 & 2114060288) == 0'], allow],
        [['otherwise'], eperm],
      ],
    ],
    [
      'two arguments',
      equals(0, 16n, equals(2, 9n, yes, no), no),
      [
        [['a0 == 16 && a2 == 9'], allow],
        [['otherwise'], eperm],
      ],
    ],
  ])('%s', (_, decision, expected) => {
    expect(casesOf(decision, words).map(({ when, action }) => [when, action])).toEqual(expected);
  });

  test('a flood of paths is cut and says so', () => {
    let decision: Decision = no;
    for (let index = 0; index < 12; index++) {
      const flip = half(index, 'eq', 1, decision === no ? yes : decision, no, 0xff);
      decision = half(index, 'eq', 2, flip, half(index, 'eq', 3, yes, flip, 0xff), 0xf);
    }
    const told = casesOf(decision, words).flatMap(({ when }) => when);
    expect(told.length).toBeLessThan(300);
    expect(told).toContain('… (more than can be listed)');
  });
});

describe('restrict', () => {
  test('known registers leave a smaller decision', () => {
    const decision = equals(0, 16n, equals(2, 9n, yes, no), no);
    expect(restrict(decision, [17n])).toBe(no);
    expect(restrict(decision, [16n, undefined, 9n])).toBe(yes);
    expect(restrict(decision, [16n])).toBe(equals(2, 9n, yes, no));
  });
});

import { describe, expect, test } from 'vitest';
import { decideArguments } from '../../src/policy/decide.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import { createDiagrams } from '../../src/policy/diagram.js';
import type { Decision } from '../../src/policy/policy.js';
import { letsRun, widening } from '../../src/policy/widening.js';

const [yes, no, nosys] = [
  leaf({ kind: 'allow' }),
  leaf({ kind: 'errno', errno: 1 }),
  leaf({ kind: 'errno', errno: 38 }),
];
const only = (value: number, then: Decision, otherwise: Decision): Decision =>
  compare({ word: 0, mask: 0xffffffff, op: 'eq', value, then, else: otherwise });

describe('widening', () => {
  test.each<[string, Decision, Decision, boolean]>([
    ['the same', yes, yes, false],
    ['allowed now', no, yes, true],
    ['denied now', yes, no, false],
    ['another errno', no, nosys, false],
    ['logged instead of allowed', yes, leaf({ kind: 'log' }), false],
    ['one value more', only(1, yes, no), only(1, yes, only(2, yes, no)), true],
    ['one value less', only(1, yes, only(2, yes, no)), only(1, yes, no), false],
    ['another value', only(1, yes, no), only(2, yes, no), true],
  ])('%s', (_, before, after, widens) => {
    const args = widening(before, after, createDiagrams());
    expect(args !== undefined).toBe(widens);
    if (args === undefined) return;
    expect(letsRun(decideArguments(before, args))).toBe(false);
    expect(letsRun(decideArguments(after, args))).toBe(true);
  });
});

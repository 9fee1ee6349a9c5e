import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Action, RET, toReturnValue } from '../../src/policy/action.js';
import { buildRanges } from '../../src/policy/build.js';
import { decide } from '../../src/policy/decide.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import type { Decision, Policy } from '../../src/policy/policy.js';
import { stackPolicies } from '../../src/policy/stack.js';

const X86_64 = 0xc000003e;
const I386 = 0x40000003;

const ACTIONS: readonly Action[] = [
  { kind: 'allow' },
  { kind: 'log' },
  { kind: 'trace', data: 7 },
  { kind: 'notify' },
  { kind: 'errno', errno: 1 },
  { kind: 'errno', errno: 38 },
  { kind: 'trap', data: 3 },
  { kind: 'kill_thread' },
  { kind: 'kill_process' },
];

/** A filter that answers every call in the same way. */
const always = (action: Action): Policy => ({ sections: [], otherArch: action });

/** seccomp_run_filters, in the words of the kernel. */
function kernel(returned: readonly number[]): number {
  let result = RET.allow as number;
  for (const value of returned) {
    if (((value & 0xffff0000) | 0) < ((result & 0xffff0000) | 0)) result = value;
  }
  return result;
}

const action = fc.constantFrom(...ACTIONS);
const decision: fc.Arbitrary<Decision> = fc.letrec<{ node: Decision }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    action.map(leaf),
    fc
      .record({
        word: fc.integer({ min: 0, max: 2 }),
        mask: fc.constantFrom(0xffffffff, 3),
        op: fc.constantFrom('eq' as const, 'gt' as const, 'ge' as const),
        value: fc.integer({ min: 0, max: 3 }),
        then: tie('node'),
        else: tie('node'),
      })
      .map(compare),
  ),
})).node;
const ranges = fc
  .tuple(fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), decision), { maxLength: 4 }), decision)
  .map(([some, otherwise]) => buildRanges(new Map(some), otherwise));
const policy: fc.Arbitrary<Policy> = fc
  .record({ native: ranges, compat: fc.option(ranges, { nil: undefined }), otherArch: action })
  .map(({ native, compat, otherArch }) => ({
    sections: [
      { auditArch: X86_64, ranges: native },
      ...(compat === undefined ? [] : [{ auditArch: I386, ranges: compat }]),
    ],
    otherArch,
  }));

describe('stacked filters', () => {
  test.each<[string, readonly Action[], Action]>([
    ['none', [], { kind: 'allow' }],
    ['the stricter is older', [{ kind: 'allow' }, { kind: 'errno', errno: 1 }], { kind: 'errno', errno: 1 }],
    [
      'the stricter is newer',
      [
        { kind: 'trap', data: 0 },
        { kind: 'errno', errno: 1 },
      ],
      { kind: 'trap', data: 0 },
    ],
    [
      'equal actions: the newest one’s data',
      [
        { kind: 'errno', errno: 38 },
        { kind: 'errno', errno: 1 },
      ],
      { kind: 'errno', errno: 38 },
    ],
    [
      'KILL_PROCESS is the smallest',
      [{ kind: 'kill_thread' }, { kind: 'kill_process' }],
      { kind: 'kill_process' },
    ],
    [
      'the data does not count',
      [
        { kind: 'trace', data: 0 },
        { kind: 'trace', data: 9 },
      ],
      { kind: 'trace', data: 0 },
    ],
    ['three of them', [{ kind: 'allow' }, { kind: 'log' }, { kind: 'notify' }], { kind: 'notify' }],
  ])('%s', (_, newestFirst, expected) => {
    expect(stackPolicies(newestFirst.map(always)).otherArch).toEqual(expected);
  });

  test('answer as the kernel does, whatever the filters', () => {
    const register = fc.bigInt({ min: 0n, max: 4n }).map((low) => low | (low << 33n));
    const call = fc.record({
      auditArch: fc.constantFrom(X86_64, I386, 0xc00000b7),
      number: fc.integer({ min: 0, max: 7 }),
      args: fc.array(register, { minLength: 6, maxLength: 6 }),
    });
    let different = 0;
    fc.assert(
      fc.property(
        fc.array(policy, { minLength: 1, maxLength: 3 }),
        fc.array(call, { minLength: 20, maxLength: 20 }),
        (newestFirst, calls) => {
          const together = stackPolicies(newestFirst);
          for (const one of calls) {
            const each = newestFirst.map((single) => toReturnValue(decide(single, one)));
            const answered = toReturnValue(decide(together, one));
            expect(answered).toBe(kernel(each));
            if (each.some((value) => value !== answered)) different++;
          }
        },
      ),
      { seed: 3, numRuns: 1000 },
    );
    expect(different).toBeGreaterThan(1000);
  });

  test('long lists of values on both sides', () => {
    const list = (step: number): Policy => {
      let decision: Decision = leaf({ kind: 'errno', errno: step });
      for (let value = 0; value < 3000; value++) {
        decision = compare({
          word: 0,
          mask: 0xffffffff,
          op: 'eq',
          value: value * step,
          then: leaf({ kind: 'allow' }),
          else: decision,
        });
      }
      return {
        sections: [{ auditArch: X86_64, ranges: buildRanges(new Map([[1, decision]]), decision) }],
        otherArch: { kind: 'allow' },
      };
    };
    const both = stackPolicies([list(2), list(3)]);
    const errno = (value: bigint): number =>
      toReturnValue(decide(both, { auditArch: X86_64, number: 1, args: [value] })) & 0xffff;
    expect([0n, 6n, 2n, 3n, 7n].map(errno)).toEqual([0, 0, 3, 2, 2]);
  });
});

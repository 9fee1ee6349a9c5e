import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../src/bpf/check.js';
import { compile } from '../../src/bpf/compile.js';
import { OP, type Program } from '../../src/bpf/instruction.js';
import { prepare } from '../../src/bpf/interpret.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import { statistics } from '../../src/bpf/statistics.js';
import { verify } from '../../src/bpf/verify.js';
import { weightsFrom } from '../../src/bpf/weights.js';
import { type Action, toReturnValue } from '../../src/policy/action.js';
import { decide } from '../../src/policy/decide.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import type { Decision, Policy, Range } from '../../src/policy/policy.js';
import { mapActions, section, withDecision } from '../../src/policy/transform.js';
import { PATIENCE } from '../patience.js';
import { boundaryCalls, LAST, policy as policies, S390X, sampler, X86, X86_64 } from './arbitrary.js';
import { isConstantAllow } from './constantAllow.js';

const ALLOW = leaf({ kind: 'allow' });
const EPERM = leaf({ kind: 'errno', errno: 1 });
const KILL: Action = { kind: 'kill_process' };

function single(ranges: readonly Range[], auditArch = X86_64): Policy {
  return { sections: [section(auditArch, ranges)], otherArch: KILL };
}

function everywhere(decision: Decision, auditArch = X86_64): Policy {
  return single([{ from: 0, to: LAST, decision }], auditArch);
}

function expectSame(program: Program, policy: Policy, perNumber: number, seed = 7): void {
  const machine = prepare(program);
  for (const call of boundaryCalls(policy, perNumber, sampler(seed))) {
    const got = machine.run(dataWords(call));
    const want = toReturnValue(decide(policy, call));
    if (got !== want)
      expect.fail(`0x${call.auditArch.toString(16)} ${call.number} [${call.args}]: ${got} for ${want}`);
  }
}

/** `argument == value` over both halves, as libseccomp compares: the high one first. */
function equals(argument: number, value: bigint, then: Decision, otherwise: Decision): Decision {
  const [high, low] = [Number(value >> 32n), Number(value & 0xffffffffn)];
  const inner = compare({ word: 2 * argument, mask: LAST, op: 'eq', value: low, then, else: otherwise });
  return compare({ word: 2 * argument + 1, mask: LAST, op: 'eq', value: high, then: inner, else: otherwise });
}

describe('compile', () => {
  test('random policies: accepted by the kernel’s rules, proved equal, and equal on every boundary', () => {
    fc.assert(
      fc.property(policies, fc.integer(), (policy, seed) => {
        const program = compile(policy, { verify: false });
        expect(check(program)).toEqual({ ok: true });
        expect(verify(program, policy)).toEqual({ kind: 'same' });
        expectSame(program, policy, 25, seed);
      }),
      { seed: 2025, numRuns: 1200 },
    );
  });

  test('a defect in the program is found by the comparison', () => {
    const policy = everywhere(equals(0, 40n, EPERM, ALLOW));
    const program = compile(policy);
    let found = 0;
    program.forEach((instruction, index) => {
      if (instruction.code === OP.ret) return;
      const broken = program.with(index, { ...instruction, k: instruction.k ^ 4 });
      if (check(broken).ok) {
        expect(verify(broken, policy).kind, `instruction ${index}`).not.toBe('same');
        found++;
      }
    });
    expect(found).toBeGreaterThan(3);
  });

  test.each<[string, Action]>([
    ['allow', { kind: 'allow' }],
    ['log', { kind: 'log' }],
    ['trace', { kind: 'trace', data: 7 }],
    ['notify', { kind: 'notify' }],
    ['errno', { kind: 'errno', errno: 4095 }],
    ['trap', { kind: 'trap', data: 3 }],
    ['kill_thread', { kind: 'kill_thread' }],
    ['kill_process', { kind: 'kill_process' }],
  ])('%s is returned for its numbers and for a constant filter', (_, action) => {
    const policy = single([
      { from: 0, to: 9, decision: leaf({ kind: 'errno', errno: 99 }) },
      { from: 10, to: LAST, decision: leaf(action) },
    ]);
    const machine = prepare(compile(policy));
    expect(machine.run(dataWords({ number: 10, auditArch: X86_64 }))).toBe(toReturnValue(action));
    expect(compile({ sections: [], otherArch: action })).toEqual([
      { code: OP.ret, jt: 0, jf: 0, k: toReturnValue(action) },
    ]);
  });

  test('2,500 ranges of numbers: branches over 255 instructions are bridged', () => {
    const ranges = Array.from({ length: 2500 }, (_, index): Range => {
      const decision = leaf({ kind: 'errno', errno: index % 37 });
      return { from: index * 3, to: index === 2499 ? LAST : index * 3 + 2, decision };
    });
    const program = compile(single(ranges));
    expect(program.length).toBeLessThan(4096);
    expectSame(program, single(ranges), 1);
    expect(statistics(program, 'x86_64').worstExecuted).toBeLessThan(30);
  });

  test('4,000 alternating numbers fit, twice as many do not and the error says where', () => {
    const ranges = (count: number) =>
      Array.from(
        { length: 2 * count + 1 },
        (_, index): Range => ({
          from: index,
          to: index === 2 * count ? LAST : index,
          decision: index % 2 === 0 ? ALLOW : EPERM,
        }),
      );
    const program = compile(single(ranges(1900)));
    expect(program.length).toBeLessThanOrEqual(4096);
    expectSame(program, single(ranges(1900)), 1);
    expect(() => compile(single(ranges(8000)))).toThrow(
      /needs \d+ instructions; the largest part is x86_64\+x32 with \d+ for 16001 ranges/,
    );
  });

  test('1,000 values of one argument: found in about ten comparisons, not a thousand', () => {
    let decision: Decision = EPERM;
    for (let value = 0; value < 1000; value++) {
      const wanted = leaf({ kind: 'errno', errno: 100 + (value % 3) });
      decision = equals(1, BigInt(value) * 7n, wanted, decision);
    }
    const policy = everywhere(decision);
    const program = compile(policy);
    expectSame(program, policy, 4000);
    expect(statistics(program, 'x86_64').worstExecuted).toBeLessThan(24);
  });

  test('3,500 values of one argument fit by a tree whose ends are short chains', () => {
    let decision: Decision = EPERM;
    for (let value = 0; value < 3500; value++) {
      decision = compare({ word: 0, mask: LAST, op: 'eq', value: value * 2, then: ALLOW, else: decision });
    }
    const policy = everywhere(decision);
    const program = compile(policy);
    expect(program.length).toBeLessThanOrEqual(4096);
    expect(statistics(program, 'x86_64').worstExecuted).toBeLessThan(40);
    expectSame(program, policy, 500);
    let larger = decision;
    for (let value = 0; value < 5000; value++) {
      larger = compare({ word: 2, mask: LAST, op: 'eq', value: value * 2, then: ALLOW, else: larger });
    }
    const tooLarge = withDecision(policy, X86_64, 41, larger);
    expect(() => compile(tooLarge)).toThrow(/of which socket has \d+ comparisons/);
  });

  test.each([10, 100, 1000])('%i allowed values of one argument are found in 7 + log2 N', (count) => {
    let decision: Decision = EPERM;
    for (let value = 0; value < count; value++) {
      decision = compare({ word: 0, mask: LAST, op: 'eq', value: value * 7, then: ALLOW, else: decision });
    }
    const { worstExecuted } = statistics(compile(everywhere(decision)), 'x86_64');
    expect(worstExecuted).toBeLessThanOrEqual(7 + Math.ceil(Math.log2(count)));
  });

  test('10,000 values of one argument do not fit, and the error says why', () => {
    let decision: Decision = EPERM;
    for (let value = 0; value < 10_000; value++) {
      decision = compare({ word: 0, mask: LAST, op: 'eq', value: value * 3, then: ALLOW, else: decision });
    }
    expect(() => compile(everywhere(decision))).toThrow(
      /the filter needs \d+ instructions.* 10000 comparisons of arguments \(about \d+ would fit\)/,
    );
  });

  test('10,000 values of one argument that are neighbours are a range', () => {
    let decision: Decision = EPERM;
    for (let value = 0; value < 10_000; value++) {
      const where = value + Math.floor(value / 1000) * 5000;
      decision = compare({ word: 0, mask: LAST, op: 'eq', value: where, then: ALLOW, else: decision });
    }
    const program = compile(everywhere(decision));
    expect(program.length).toBeLessThan(40);
    expect(statistics(program, 'x86_64').worstExecuted).toBeLessThan(14);
    expectSame(program, everywhere(decision), 300);
  });

  test.each<[string, count: number, stride: bigint, most: number, worst: number]>([
    ['10,000 neighbours', 10_000, 1n, 12, 9],
    ['10,000 neighbours around 2^32', 10_000, 1n, 20, 12],
    ['1,000 scattered ones with one high half', 1000, 7n, 1600, 7 + 10 + 2],
    ['3,000 scattered ones with one high half', 3000, 7n, 4096, 30],
    ['1,000 with a high half each', 1000, 0x3_0000_0003n, 4096, 24],
  ])('64-bit values of one argument: %s', (name, count, stride, most, worst) => {
    const first = name.includes('2^32') ? 0x1_0000_0000n - 5000n : 0n;
    let decision: Decision = EPERM;
    for (let index = 0; index < count; index++)
      decision = equals(0, first + BigInt(index) * stride, ALLOW, decision);
    const policy = everywhere(decision);
    const program = compile(policy);
    expect(program.length).toBeLessThanOrEqual(most);
    expect(statistics(program, 'x86_64').worstExecuted).toBeLessThanOrEqual(worst);
    expectSame(program, policy, 300);
  });

  test('1,000 masks of one argument', () => {
    let decision: Decision = EPERM;
    for (let index = 0; index < 1000; index++) {
      const mask = (0x10001 * (index + 1)) >>> 0;
      decision = compare({
        word: 4,
        mask,
        op: 'eq',
        value: mask,
        then: index % 2 ? ALLOW : EPERM,
        else: decision,
      });
    }
    const policy = everywhere(decision);
    expectSame(compile(policy), policy, 2000);
  });

  test('twenty rules with intervals of all six arguments stay as they are', () => {
    let decision: Decision = EPERM;
    for (let rule = 0; rule < 20; rule++) {
      let inner: Decision = leaf({ kind: 'errno', errno: rule });
      for (let word = 0; word < 12; word += 2) {
        const from = (rule * 7919 + word * 104729) % 1000;
        const below = compare({ word, mask: LAST, op: 'ge', value: from + 500, then: decision, else: inner });
        inner = compare({ word, mask: LAST, op: 'ge', value: from, then: below, else: decision });
      }
      decision = inner;
    }
    const policy = everywhere(decision);
    const started = performance.now();
    const program = compile(policy);
    expect(performance.now() - started).toBeLessThan(3000 * PATIENCE);
    expectSame(program, policy, 5000);
  });

  test.each([12, 80, 150])(
    '%i rules over masks of three arguments: compiled and proved without growing',
    (rules) => {
      const pick = sampler(rules);
      const bits = Array.from({ length: 20 }, (_, bit) => 2 ** bit);
      let decision: Decision = EPERM;
      for (let rule = 0; rule < rules; rule++) {
        let inner: Decision = leaf({ kind: 'errno', errno: rule % 5 });
        for (const word of [0, 2, 4]) {
          const [one, two] = [pick(bits), pick(bits)];
          inner = compare({
            word,
            mask: one | two,
            op: 'eq',
            value: pick([one, two, 0, one | two]),
            then: inner,
            else: decision,
          });
        }
        decision = inner;
      }
      const policy = everywhere(decision);
      const started = performance.now();
      const program = compile(policy);
      expect(performance.now() - started).toBeLessThan(2500 * PATIENCE);
      expect(program.length).toBeLessThan(3.2 * 3 * rules + 20);
      expectSame(program, policy, 2000);
    },
  );

  test('a word in the accumulator is not loaded again', () => {
    const chain = [1, 2, 3].reduce<Decision>(
      (rest, value) => equals(0, BigInt(value), leaf({ kind: 'errno', errno: value }), rest),
      ALLOW,
    );
    const loads = compile(everywhere(chain))
      .filter(({ code }) => code === OP.ld_abs)
      .map(({ k }) => k);
    expect(loads.sort()).toEqual([16, 20, 4].sort());
  });

  test('one bit is asked for without a load, a mask and a comparison', () => {
    const decision = compare({ word: 0, mask: 0x7e020000, op: 'eq', value: 0, then: ALLOW, else: EPERM });
    const codes = compile(everywhere(decision)).map(({ code }) => code);
    expect(codes).toContain(OP.jset);
    expect(codes).not.toContain(OP.and);
  });

  test('flags that are denied one by one are asked for together', () => {
    const flags = [0x10000000, 0x20000000, 0x40000000, 0x80000];
    const decision = flags.reduce<Decision>(
      (rest, flag) => compare({ word: 0, mask: flag, op: 'eq', value: flag, then: EPERM, else: rest }),
      ALLOW,
    );
    const tests = compile(everywhere(decision)).filter(({ code }) => code === OP.jset);
    expect(tests.map(({ k }) => k)).toEqual([0x70080000]);
  });

  test('the halves of an argument stand where the arch puts them', () => {
    const decision = compare({ word: 1, mask: LAST, op: 'eq', value: 5, then: EPERM, else: ALLOW });
    const loads = (auditArch: number) =>
      compile(everywhere(decision, auditArch)).flatMap(({ code, k }) =>
        code === OP.ld_abs && k >= 16 ? [k] : [],
      );
    expect(loads(X86_64)).toEqual([20]);
    expect(loads(S390X)).toEqual([16]);
  });

  test('archs: the native one is asked for first, equal sections are placed once', () => {
    const ranges: Range[] = [
      { from: 0, to: 99, decision: ALLOW },
      { from: 100, to: LAST, decision: EPERM },
    ];
    const archs = [0x8, X86, 0x40000028, S390X, X86_64];
    const policy: Policy = { sections: archs.map((arch) => section(arch, ranges)), otherArch: KILL };
    const program = compile(policy, { nativeArch: X86_64 });
    expect(program[1]).toMatchObject({ code: OP.jeq, k: X86_64 });
    expect(program.filter(({ code, k }) => code === OP.jge && k === 100)).toHaveLength(1);
    expectSame(program, policy, 1);
  });

  test('weights shorten the way of frequent calls', () => {
    const ranges = Array.from(
      { length: 200 },
      (_, index): Range => ({
        from: 2 * index,
        to: index === 199 ? LAST : 2 * index + 1,
        decision: index % 2 ? ALLOW : EPERM,
      }),
    );
    const executed = (histogram: Record<string, number>) => {
      const machine = prepare(compile(single(ranges), { weights: weightsFrom(histogram, 0.01) }));
      machine.run(dataWords({ number: 202, auditArch: X86_64 }));
      return machine.executed();
    };
    expect(executed({ futex: 1 })).toBeLessThan(executed({ read: 1 }));
  });

  test('constant ALLOWs use only what seccomp_is_const_allow understands', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const program = compile(policy, { verify: false });
        for (const { auditArch, ranges } of policy.sections) {
          for (const { from, decision } of ranges) {
            if (decision === ALLOW) expect(isConstantAllow(program, from, auditArch)).toBe(true);
          }
        }
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

describe('transform', () => {
  test('mapActions replaces every action, withDecision one number', () => {
    const policy = single([
      { from: 0, to: 9, decision: equals(0, 1n, EPERM, ALLOW) },
      { from: 10, to: LAST, decision: EPERM },
    ]);
    const notified = mapActions(policy, (action) => (action.kind === 'allow' ? action : { kind: 'notify' }));
    expect(decide(notified, { auditArch: X86_64, number: 0, args: [1n] })).toEqual({ kind: 'notify' });
    expect(decide(notified, { auditArch: X86_64, number: 0, args: [2n] })).toEqual({ kind: 'allow' });
    expect(notified.otherArch).toEqual({ kind: 'notify' });
    const changed = withDecision(policy, X86_64, 12, ALLOW);
    expect(
      [11, 12, 13].map((number) => decide(changed, { auditArch: X86_64, number, args: [] }).kind),
    ).toEqual(['errno', 'allow', 'errno']);
    expect(withDecision(policy, X86, 12, ALLOW)).toEqual(policy);
  });
});

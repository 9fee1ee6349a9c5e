import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/bpf/assemble.js';
import { check } from '../../src/bpf/check.js';
import { decode } from '../../src/bpf/encode.js';
import type { Program } from '../../src/bpf/instruction.js';
import { prepare } from '../../src/bpf/interpret.js';
import { compareWord, decideInterval } from '../../src/bpf/interval.js';
import { lift } from '../../src/bpf/lift.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import { fromReturnValue, toReturnValue } from '../../src/policy/action.js';
import { type Call, decide } from '../../src/policy/decide.js';
import type { Policy } from '../../src/policy/policy.js';
import { describeWithOracle } from '../oracle.js';
import { lacksLibseccomp, openLibseccomp } from '../oracles/libseccomp.js';
import { PATIENCE } from '../patience.js';
import { boundaryCalls, instruction, sampler, X86, X86_64 } from './arbitrary.js';

function lifted(program: Program): Policy {
  const result = lift(program);
  if (!result.ok) return expect.fail(`${result.instruction}: ${result.reason}`);
  return result.policy;
}

function expectSame(program: Program, policy: Policy, calls: readonly Call[]): void {
  const machine = prepare(program);
  for (const call of calls) {
    const got = toReturnValue(decide(policy, call));
    // A policy has no data for ALLOW and the like, which the kernel ignores as well.
    const want = toReturnValue(fromReturnValue(machine.run(dataWords(call))));
    if (got !== want)
      expect.fail(`0x${call.auditArch.toString(16)} ${call.number} [${call.args}]: ${got} for ${want}`);
  }
}

const HEAD = 'ld [4]\njeq #0xc000003e, GO, BAD\nBAD: ret #0\nGO: ld [0]\n';

describe('lift', () => {
  test('x32 told apart by a bit of the number, as runc does it', () => {
    const policy = lifted(
      assemble(
        `${HEAD}jset #0x40000000, X, N\nX: jgt #0x40000223, E, A\nN: jgt #461, E, A\nE: ret #0x50026\nA: ret #0x7fff0000`,
      ),
    );
    expect(policy.sections[0]?.ranges.map(({ from, to }) => [from, to])).toEqual([
      [0, 461],
      [462, 0x3fffffff],
      [0x40000000, 0x40000223],
      [0x40000224, 0xffffffff],
    ]);
  });

  test('a number masked before it is compared', () => {
    const policy = lifted(
      assemble(`${HEAD}and #0xbfffffff\njeq #5, A, E\nA: ret #0x7fff0000\nE: ret #0x50001`),
    );
    const allowed = policy.sections[0]?.ranges.filter(
      ({ decision }) => decision.kind === 'leaf' && decision.action.kind === 'allow',
    );
    expect(allowed?.map(({ from, to }) => [from, to])).toEqual([
      [5, 5],
      [0x40000005, 0x40000005],
    ]);
  });

  test('an argument behind scratch memory, X and neutral arithmetic', () => {
    const program = assemble(
      `${HEAD}ld [16]\nst M[1]\nld #0\nldx M[1]\ntxa\nor #0\nand #0xff\ntax\nld #7\njeq x, A, E\nA: ret #0x7fff0000\nE: ret #0x50001`,
    );
    const policy = lifted(program);
    expectSame(program, policy, boundaryCalls(policy, 50, sampler(1)));
    expect(policy.sections[0]?.ranges[0]?.decision).toMatchObject({
      kind: 'test',
      word: 0,
      mask: 0xff,
      value: 7,
    });
  });

  test('constants are computed, also a return value', () => {
    const policy = lifted(assemble(`${HEAD}ld #5\nlsh #16\nor #13\nret a`));
    expect(policy.sections[0]?.ranges).toMatchObject([
      { decision: { action: { kind: 'errno', errno: 13 } } },
    ]);
  });

  test('an unknown action is KILL_PROCESS, as for the kernel', () => {
    expect(lifted(assemble('ret #0x12340000')).otherArch).toEqual({ kind: 'kill_process' });
  });

  test.each([
    ['ld [16]\nadd #1\njeq #5, A, E\nA: ret #1\nE: ret #0', 'computed value', 5],
    ['ld [16]\nret a', 'return value is computed', 5],
    ['ld [8]\njeq #5, A, E\nA: ret #0x7fff0000\nE: ret #0', 'computed value', 4],
    ['ld [16]\ntax\nld [24]\njeq x, A, E\nA: ret #0x7fff0000\nE: ret #0', 'two parts of the call', 7],
    ['ldx #1\nld [16]\ntax\nld #8\ndiv x\nret #0', 'division by a part', 8],
  ] as const)('%j cannot be said exactly', (tail, reason, instruction) => {
    expect(lift(assemble(`${HEAD}${tail}`))).toEqual({
      ok: false,
      instruction,
      reason: expect.stringContaining(reason),
    });
  });

  test('a filter without a check of the arch needs archs to be lifted for', () => {
    const program = assemble('ld [0]\njeq #5, E, A\nE: ret #0x50001\nA: ret #0x7fff0000');
    expect(lift(program)).toMatchObject({ ok: false, instruction: -1 });
    const result = lift(program, { archs: [X86_64, X86], otherArch: { kind: 'kill_process' } });
    expect(
      result.ok && result.policy.sections.map(({ auditArch, ranges }) => [auditArch, ranges.length]),
    ).toEqual([
      [X86, 3],
      [X86_64, 3],
    ]);
  });

  test('odd and even numbers fall into too many parts', () => {
    const program = assemble(`${HEAD}jset #1, A, E\nA: ret #0x7fff0000\nE: ret #0`);
    expect(lift(program)).toMatchObject({ ok: false, reason: expect.stringContaining('too many parts') });
  });

  test('a ladder of 2,000 forks that meet again is evaluated once a rung', () => {
    const rungs = Array.from(
      { length: 1000 },
      (_, index) =>
        `L${index}: ld [${16 + 4 * (index % 12)}]\njset #${1 << (index % 31)}, M${index}, L${index + 1}\nM${index}: ja L${index + 1}`,
    );
    const program = assemble(`${HEAD}${rungs.join('\n')}\nL1000: ret #0x7fff0000`);
    const started = performance.now();
    expect(lifted(program).sections[0]?.ranges).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(2000 * PATIENCE);
  });

  test('random programs: an exact policy or a reason, never a wrong answer', () => {
    let exact = 0;
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 2, maxLength: 14 }), fc.integer(), (body, seed) => {
        const program = assemble('ld [0]').concat(
          body.map((part, index) => {
            const left = body.length - index + 1;
            const jump = (part.code & 7) === 5;
            return jump
              ? {
                  ...part,
                  jt: part.jt % left,
                  jf: part.jf % left,
                  k: part.code === 5 ? part.k % left : part.k,
                }
              : part;
          }),
          assemble('jset #0x10, A, E\nA: ret #0x7fff0000\nE: ret #0x50001'),
        );
        if (!check(program).ok) return;
        const result = lift(program, { archs: [X86_64, 0x8], otherArch: { kind: 'log' } });
        if (!result.ok) return;
        exact++;
        const calls = boundaryCalls(result.policy, 12, sampler(seed)).filter(({ auditArch }) =>
          result.policy.sections.some((section) => section.auditArch === auditArch),
        );
        expectSame(program, result.policy, calls);
      }),
      { seed: 77, numRuns: 2500 },
    );
    expect(exact).toBeGreaterThan(200);
  });
});

describe('intervals', () => {
  test('an outcome holds for the whole interval, and cutting ends', () => {
    const small = fc.integer({ min: 0, max: 63 });
    fc.assert(
      fc.property(
        small,
        small,
        small,
        fc.constantFrom('eq' as const, 'gt' as const, 'ge' as const),
        small,
        fc.constantFrom(0, 0xffffffc0),
        (a, b, mask, op, value, base) => {
          const pending = [[Math.min(a, b) + base, Math.max(a, b) + base] as const];
          let parts = 0;
          for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
            const [low, high] = part;
            const outcome = decideInterval(low, high, mask, op, value);
            if (typeof outcome === 'number') {
              if (outcome < low || outcome >= high) expect.fail(`${low}-${high} is cut at ${outcome}`);
              pending.push([low, outcome], [outcome + 1, high]);
            } else {
              parts++;
              for (let word = low; word <= high; word++) {
                if (compareWord(word, mask, op, value) !== outcome) expect.fail(`${word} in ${low}-${high}`);
              }
            }
          }
          expect(parts).toBeLessThanOrEqual(64);
        },
      ),
      { seed: 4, numRuns: 5000 },
    );
  });
});

describeWithOracle(lacksLibseccomp, 'lift of programs that the installed libseccomp makes', () => {
  const ALLOW = 0x7fff0000;
  const ERRNO = 0x00050000;

  test.each([1, 2] as const)('a list like Docker’s, three ABIs, optimisation level %i', (level) => {
    const filter = openLibseccomp().init(ERRNO | 1);
    if (filter === undefined) return expect.fail('seccomp_init');
    for (const token of [X86, 0x4000003e]) expect(filter.addArch(token)).toBe(0);
    filter.setOptimize(level);
    for (let number = 0; number < 330; number++) {
      if (number % 17 === 3 || number === 41 || number === 56 || number === 135) continue;
      expect(filter.addRule(ALLOW, number, [])).toBeLessThanOrEqual(0);
    }
    for (const value of [0n, 8n, 0x20000n, 0x20008n, 0xffffffffn]) {
      filter.addRule(ALLOW, 135, [{ argument: 0, op: 'eq', a: value, b: 0n }]);
    }
    filter.addRule(ALLOW, 41, [{ argument: 0, op: 'ne', a: 40n, b: 0n }]);
    filter.addRule(ALLOW, 56, [{ argument: 0, op: 'masked_eq', a: 0x7e020000n, b: 0n }]);
    filter.addRule(ERRNO | 38, 435, []);
    filter.addRule(ALLOW, 16, [{ argument: 1, op: 'lt', a: 0x5401n, b: 0n }]);
    const bytes = filter.exportBpf();
    filter.release();
    if (typeof bytes === 'number') return expect.fail(`export: ${bytes}`);
    const program = decode(bytes, 'little');
    const policy = lifted(program);
    expect(policy.sections.map(({ auditArch }) => auditArch).sort()).toEqual([X86, X86_64].sort());
    const calls = boundaryCalls(policy, 60, sampler(3));
    expect(calls.length).toBeGreaterThan(300);
    expectSame(program, policy, calls);
    const numbers = Array.from({ length: 600 }, (_, number) => [number, number + 0x40000000]).flat();
    for (const auditArch of [X86, X86_64, 0x28]) {
      expectSame(
        program,
        policy,
        numbers.map((number) => ({ auditArch, number, args: [40n, 0x5400n] })),
      );
    }
  });
});

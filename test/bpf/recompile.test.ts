import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assemble } from '../../src/bpf/assemble.js';
import { check } from '../../src/bpf/check.js';
import { compile } from '../../src/bpf/compile.js';
import { type Instruction, isBranch, OP, type Program } from '../../src/bpf/instruction.js';
import { prepare } from '../../src/bpf/interpret.js';
import { lift } from '../../src/bpf/lift.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import { fromReturnValue, toReturnValue } from '../../src/policy/action.js';
import type { Call } from '../../src/policy/decide.js';
import { describeWithOracle } from '../oracle.js';
import { boundaryCalls, LAST, sampler, X86, X86_64 } from './arbitrary.js';
import { askKernel, lacksKernel } from './kernelAccepts.js';

const RETURNS = [0x7fff0000, 0x7fff0000, 0x50001, 0x50026, 0x7ffc0000, 0x30007, 0x7ff00001, 0x80000000, 0];

const value = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom(0xff, 0xffff, 0x80000000, 0x7fffffff, LAST, 0x40000000) },
);
const plain = (codes: readonly number[], k: fc.Arbitrary<number>): fc.Arbitrary<Instruction> =>
  fc.record({ code: fc.constantFrom(...codes), jt: fc.constant(0), jf: fc.constant(0), k });
const none = fc.constant(0);
const words = fc.constantFrom(0, 0, 16, 16, 20, 24, 28, 32, 60);

/** All opcodes; those that make a value of the call and a constant together are rare, because no policy can say them. */
const step: fc.Arbitrary<Instruction> = fc.oneof(
  { weight: 10, arbitrary: plain([OP.ld_abs], words) },
  { weight: 3, arbitrary: plain([OP.ld_imm, OP.ldx_imm], value) },
  { weight: 4, arbitrary: plain([OP.st, OP.stx, OP.ld_mem, OP.ldx_mem], fc.integer({ min: 0, max: 2 })) },
  { weight: 5, arbitrary: plain([OP.tax, OP.txa, OP.ld_len, OP.ldx_len], none) },
  { weight: 3, arbitrary: plain([OP.and], value) },
  { weight: 2, arbitrary: plain([OP.or, OP.xor, OP.add, OP.sub, OP.lsh, OP.rsh], none) },
  {
    weight: 1,
    arbitrary: plain(
      [OP.add, OP.sub, OP.mul, OP.div, OP.or, OP.xor, OP.lsh, OP.rsh],
      fc.integer({ min: 1, max: 9 }),
    ),
  },
  {
    weight: 1,
    arbitrary: plain(
      [OP.add_x, OP.sub_x, OP.mul_x, OP.div_x, OP.or_x, OP.and_x, OP.xor_x, OP.lsh_x, OP.rsh_x, OP.neg],
      none,
    ),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      code: fc.constantFrom(OP.jeq, OP.jeq, OP.jgt, OP.jge, OP.jset, OP.jeq_x, OP.jgt_x, OP.jge_x, OP.jset_x),
      jt: fc.integer({ min: 0, max: 6 }),
      jf: fc.integer({ min: 0, max: 6 }),
      k: value,
    }),
  },
  { weight: 1, arbitrary: plain([OP.ja], fc.integer({ min: 0, max: 3 })) },
  { weight: 2, arbitrary: plain([OP.ret], fc.constantFrom(...RETURNS)) },
  { weight: 1, arbitrary: plain([OP.ret_a], none) },
);

const HEAD = assemble('ld [4]\njeq #0xc000003e, GO, BAD\nBAD: ret #0\nGO: ld [0]');

const programs: fc.Arbitrary<Program> = fc
  .tuple(fc.array(step, { minLength: 3, maxLength: 24 }), fc.constantFrom(...RETURNS))
  .map(([body, last]) => {
    const within = body.map((one, index): Instruction => {
      const left = body.length - index;
      if (one.code === OP.ja) return { ...one, k: one.k % left };
      return isBranch(one.code) ? { ...one, jt: one.jt % left, jf: one.jf % left } : one;
    });
    return [...HEAD, ...within, { code: OP.ret, jt: 0, jf: 0, k: last }];
  });

/** Calls of every constant that a program mentions, its neighbours and its complement, in number and registers. */
function sampledCalls(program: Program, pick: <T>(values: readonly T[]) => T): readonly Call[] {
  const near = program.flatMap(({ k }) => [k, k - 1, k + 1, ~k]).map((word) => word >>> 0);
  const values = [...new Set([...near, 0, 1, 0xffff, 0x80000000, LAST])];
  return values.flatMap((number) =>
    Array.from({ length: 8 }, (): Call => {
      const args = Array.from({ length: 6 }, () => (BigInt(pick(values)) << 32n) | BigInt(pick(values)));
      return { auditArch: pick([X86_64, X86_64, X86_64, X86, pick(values)]), number, args };
    }),
  );
}

describeWithOracle(lacksKernel, 'lift and compile', () => {
  test('2,000 random programs that the kernel takes come back as equal ones, or not at all', {
    timeout: 240_000,
  }, async ({ annotate }) => {
    const drawn = fc.sample(programs, { seed: 2000, numRuns: 6000 });
    const verdicts = askKernel(drawn);
    if (typeof verdicts === 'string') return expect.fail(verdicts);
    const taken = drawn.filter((_, index) => verdicts[index] === true).slice(0, 2000);
    expect(taken).toHaveLength(2000);
    let [decided, calls] = [0, 0];
    const undecided = new Map<string, number>();
    const opcodes = new Set<number>();
    for (const [index, program] of taken.entries()) {
      expect(check(program).ok).toBe(true);
      const lifted = lift(program);
      if (!lifted.ok) {
        undecided.set(lifted.reason, (undecided.get(lifted.reason) ?? 0) + 1);
        continue;
      }
      decided++;
      for (const { code } of program) opcodes.add(code);
      const [before, after] = [prepare(program), prepare(compile(lifted.policy))];
      const pick = sampler(index + 1);
      for (const call of [...sampledCalls(program, pick), ...boundaryCalls(lifted.policy, 8, pick)]) {
        calls++;
        const data = dataWords(call);
        // A policy has no data for ALLOW and the like, which the kernel ignores as well.
        const [want, got] = [before, after].map((machine) =>
          toReturnValue(fromReturnValue(machine.run(data))),
        );
        if (want !== got)
          expect.fail(`program ${index}: ${got} for ${want} at ${call.number} [${call.args}]`);
      }
    }
    const rest = [...undecided].map(([reason, count]) => `${count}: ${reason}`);
    await annotate(
      `${decided} exact, compared by ${calls} calls; no policy says the others: ${rest.join('; ')}`,
    );
    expect(decided).toBeGreaterThan(1000);
    // Every opcode stands in some program whose policy is exact.
    expect(opcodes.size).toBe(Object.keys(OP).length);
  });
});

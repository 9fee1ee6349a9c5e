import fc from 'fast-check';
import { assemble } from '../../src/bpf/assemble.js';
import { type Instruction, isBranch, OP, type Program } from '../../src/bpf/instruction.js';
import type { Call } from '../../src/policy/decide.js';
import { LAST, X86, X86_64 } from './arbitrary.js';

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

/** Programs as nobody writes them, most of which the kernel takes. */
export const programs: fc.Arbitrary<Program> = fc
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
export function sampledCalls(program: Program, pick: <T>(values: readonly T[]) => T): readonly Call[] {
  const near = program.flatMap(({ k }) => [k, k - 1, k + 1, ~k]).map((word) => word >>> 0);
  const values = [...new Set([...near, 0, 1, 0xffff, 0x80000000, LAST])];
  return values.flatMap((number) =>
    Array.from({ length: 8 }, (): Call => {
      const args = Array.from({ length: 6 }, () => (BigInt(pick(values)) << 32n) | BigInt(pick(values)));
      return { auditArch: pick([X86_64, X86_64, X86_64, X86, pick(values)]), number, args };
    }),
  );
}

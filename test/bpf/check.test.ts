import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/bpf/assemble.js';
import { check } from '../../src/bpf/check.js';
import { compile } from '../../src/bpf/compile.js';
import type { Program } from '../../src/bpf/instruction.js';
import { describeWithOracle } from '../oracle.js';
import { instruction, policy as policies } from './arbitrary.js';
import { askKernel, lacksKernel } from './kernelAccepts.js';

const RET = 'ret #0x7fff0000';

const table: readonly (readonly [listing: string, instruction: number | undefined, reason: string])[] = [
  [RET, undefined, ''],
  [`ld [60]\n${RET}`, undefined, ''],
  ['', -1, 'empty'],
  [`ld [64]\n${RET}`, 0, 'outside struct seccomp_data'],
  [`ld [2]\n${RET}`, 0, 'not aligned'],
  [`.inst 0x28 0 0 0\n${RET}`, 0, 'opcode 0x28'],
  [`.inst 0x94 0 0 3\n${RET}`, 0, 'opcode 0x94'],
  [`.inst 0x0e 0 0 0\n${RET}`, 0, 'opcode 0xe'],
  [`div #0\n${RET}`, 0, 'constant zero'],
  [`div #1\ndiv x\n${RET}`, undefined, ''],
  [`lsh #31\nrsh #31\n${RET}`, undefined, ''],
  [`lsh #32\n${RET}`, 0, 'shift by 32'],
  [`rsh #32\n${RET}`, 0, 'shift by 32'],
  [`ld M[0]\n${RET}`, 0, 'read before it is written'],
  [`st M[15]\nld M[15]\n${RET}`, undefined, ''],
  [`st M[16]\n${RET}`, 0, 'does not exist'],
  [`jeq #1, L2, L3\nL2: st M[3]\nL3: ldx M[3]\n${RET}`, 2, 'read before it is written'],
  [`jeq #1, L2, L3\nL2: st M[3]\nja L4\nL3: stx M[3]\nL4: ldx M[3]\n${RET}`, undefined, ''],
  // As in the kernel a return does not end what is known, so dead code behind one is judged by what stands before.
  [`jeq #1, L1, L4\nL1: ${RET}\nld M[1]\nL4: ${RET}`, 2, 'read before it is written'],
  [`st M[1]\n${RET}\nld M[1]\n${RET}`, undefined, ''],
  [`.inst 0x05 0 0 1\n${RET}`, 0, 'leaves the program'],
  [`.inst 0x05 0 0 0xffffffff\n${RET}`, 0, 'leaves the program'],
  [`.inst 0x15 0 1 0\n${RET}`, 0, 'leaves the program'],
  [`.inst 0x15 1 0 0\n${RET}`, 0, 'leaves the program'],
  ['ld [0]', 0, 'last instruction'],
  ['ret a', undefined, ''],
  [`ja L1\nL1: ${RET}`, undefined, ''],
  [Array(4096).fill(RET).join('\n'), undefined, ''],
  [Array(4097).fill(RET).join('\n'), -1, '4097 instructions'],
];

describe('check', () => {
  test.each(
    table.map(
      ([listing, ...rest]) => [listing.slice(0, 70).replaceAll('\n', ' / '), listing, ...rest] as const,
    ),
  )('%s', (_, listing, instruction, reason) => {
    const result = check(assemble(listing));
    if (instruction === undefined) expect(result).toEqual({ ok: true });
    else expect(result).toEqual({ ok: false, instruction, reason: expect.stringContaining(reason) });
  });
});

describeWithOracle(lacksKernel, 'check agrees with the kernel', () => {
  function expectAgreement(programs: readonly Program[]): { taken: number; refused: number } {
    const verdicts = askKernel(programs);
    if (typeof verdicts === 'string') return expect.fail(verdicts);
    let taken = 0;
    programs.forEach((program, index) => {
      const ours = check(program);
      if (ours.ok !== verdicts[index]) {
        expect.fail(
          `kernel ${verdicts[index]}, check ${JSON.stringify(ours)} for ${JSON.stringify(program)}`,
        );
      }
      if (ours.ok) taken++;
    });
    return { taken, refused: programs.length - taken };
  }

  test('on the table', () => {
    const { taken, refused } = expectAgreement(table.map(([listing]) => assemble(listing)));
    expect(Math.min(taken, refused)).toBeGreaterThan(8);
  });

  test('on 4,000 random programs', () => {
    const programs = fc
      .sample(fc.array(instruction, { minLength: 1, maxLength: 7 }), { seed: 11, numRuns: 4000 })
      .map((program, index): Program => (index % 8 === 0 ? program : [...program, ...assemble(RET)]));
    const { taken, refused } = expectAgreement(programs);
    expect(Math.min(taken, refused)).toBeGreaterThan(300);
  });

  test('on every opcode', () => {
    const programs = Array.from(
      { length: 0x200 },
      (_, code): Program => [{ code, jt: 0, jf: 0, k: 0 }, ...assemble(RET)],
    );
    expect(expectAgreement(programs).taken).toBe(38);
  });

  test('on compiled policies and their mutants', () => {
    const compiled = fc
      .sample(policies, { seed: 5, numRuns: 150 })
      .map((policy) => compile(policy, { verify: false }));
    const mutants = compiled.flatMap((program, index) => {
      const at = (index * 7919) % program.length;
      const old = program[at];
      if (old === undefined) return [];
      return [
        program.with(at, { ...old, k: old.k ^ (1 << (index % 32)) }),
        program.with(at, { ...old, jt: (old.jt + 17 * index) & 0xff }),
        program.with(at, { ...old, code: old.code ^ (1 << (index % 8)) }),
        program.slice(0, at),
      ].map((mutant) => mutant.map((part) => ({ ...part, k: part.k >>> 0 })));
    });
    const { taken, refused } = expectAgreement([...compiled, ...mutants]);
    expect(taken).toBeGreaterThan(compiled.length);
    expect(refused).toBeGreaterThan(50);
  });
});

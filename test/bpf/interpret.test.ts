import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/bpf/assemble.js';
import { allMnemonics, OP } from '../../src/bpf/instruction.js';
import { interpret } from '../../src/bpf/interpret.js';
import { S390X, X86_64 } from './arbitrary.js';

const call = {
  number: 0xfffffffe,
  auditArch: X86_64,
  instructionPointer: 0x1122334455667788n,
  args: [0x0123456789abcdefn, 2n, 3n, 4n, 5n, 0xffffffffffffffffn],
};

/** What is in A after the listing. */
const table: readonly (readonly [listing: string, a: number])[] = [
  ['ld [0]', 0xfffffffe],
  ['ld [4]', X86_64],
  ['ld [8]', 0x55667788],
  ['ld [12]', 0x11223344],
  ['ld [16]', 0x89abcdef],
  ['ld [20]', 0x01234567],
  ['ld [60]', 0xffffffff],
  ['ld #len', 64],
  ['ldx #len\ntxa', 64],
  ['ld #7', 7],
  ['ldx #9\ntxa', 9],
  ['ld #5\nst M[2]\nld #0\nld M[2]', 5],
  ['ldx #6\nstx M[3]\nldx #0\nldx M[3]\ntxa', 6],
  ['ld #8\ntax\nld #0\ntxa', 8],
  ['ld #0xffffffff\nadd #2', 1],
  ['ld #3\nldx #4\nadd x', 7],
  ['ld #1\nsub #2', 0xffffffff],
  ['ld #1\nldx #3\nsub x', 0xfffffffe],
  ['ld #0x10001\nmul #0x10001', 0x20001],
  ['ld #0xffffffff\nldx #0xffffffff\nmul x', 1],
  ['ld #0xffffffff\ndiv #2', 0x7fffffff],
  ['ld #0xfffffffe\nldx #0xffffffff\ndiv x', 0],
  ['ld #0xf0f0\nor #0x0f0f', 0xffff],
  ['ld #1\nldx #0x80000000\nor x', 0x80000001],
  ['ld #0xffffffff\nand #0x80000001', 0x80000001],
  ['ld #6\nldx #3\nand x', 2],
  ['ld #5\nxor #0xffffffff', 0xfffffffa],
  ['ld #5\nldx #1\nxor x', 4],
  ['ld #1\nlsh #31', 0x80000000],
  ['ld #1\nldx #4\nlsh x', 16],
  ['ld #0x80000000\nrsh #31', 1],
  ['ld #0x80000000\nldx #30\nrsh x', 2],
  ['ld #1\nneg', 0xffffffff],
  ['ld #0\nneg', 0],
  ...[
    ['jeq #5', 0, 1, 0],
    ['jgt #5', 0, 0, 1],
    ['jge #5', 0, 1, 1],
    ['jset #5', 1, 1, 1],
    ['jset #2', 0, 0, 1],
  ].flatMap(([jump, four, five, six]) =>
    (
      [
        [4, four],
        [5, five],
        [6, six],
      ] as const
    ).flatMap(([a, taken]): [string, number][] => {
      const [word, constant] = String(jump).split(' ');
      const tail = 'L1, L2\nL0: ld #9\nL1: ld #1\nja L3\nL2: ld #0\nL3: txa\ntxa';
      const body = (test: string, before: string) =>
        `${before}ld #${a}\n${test}, ${tail}`.replace('\nL3: txa\ntxa', '\nL3: add #0');
      return [
        [body(`${word} ${constant}`, ''), Number(taken)],
        [body(`${word} x`, `ldx ${constant}\n`), Number(taken)],
      ];
    }),
  ),
  ['ld #0xffffffff\nldx #1\njgt x, L1, L2\nL1: ld #1\nja L3\nL2: ld #0\nL3: add #0', 1],
];

describe('interpret', () => {
  test.each(table)('%s', (listing, a) => {
    expect(interpret(assemble(`${listing}\nret a`), call).value).toBe(a);
  });

  test('the table has every opcode', () => {
    const seen = new Set(table.flatMap(([listing]) => assemble(`${listing}\nret a`).map(({ code }) => code)));
    expect([...allMnemonics()].filter(([code]) => !seen.has(code)).map(([, { name }]) => name)).toEqual([
      'ret',
    ]);
  });

  test('division by a zero X ends the program with KILL_THREAD', () => {
    expect(interpret(assemble('ld #5\ndiv x\nret #0x7fff0000'), call)).toEqual({ value: 0, executed: 2 });
  });

  test('big-endian archs have the high half first', () => {
    const high = interpret(assemble('ld [16]\nret a'), { ...call, auditArch: S390X });
    expect(high.value).toBe(0x01234567);
    expect(interpret(assemble('ld [8]\nret a'), { ...call, auditArch: S390X }).value).toBe(0x11223344);
  });

  test('executed counts the instructions on the way', () => {
    const program = assemble('ld [0]\njeq #1, L3, L2\nL2: ja L4\nL3: ret #1\nL4: ret #2');
    expect(interpret(program, { ...call, number: 1 })).toEqual({ value: 1, executed: 3 });
    expect(interpret(program, call)).toEqual({ value: 2, executed: 4 });
  });

  test('a program that the kernel refuses is not run', () => {
    expect(() => interpret([{ code: OP.ld_abs, jt: 0, jf: 0, k: 0 }], call)).toThrow(
      /last instruction is not a return/,
    );
  });
});

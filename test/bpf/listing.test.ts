import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/bpf/assemble.js';
import { compile } from '../../src/bpf/compile.js';
import { disassemble, toC, toJson } from '../../src/bpf/disassemble.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import { section } from '../../src/policy/transform.js';
import { instruction, LAST, policy as policies, X86_64 } from './arbitrary.js';

const socket = compare({
  word: 1,
  mask: LAST,
  op: 'eq',
  value: 0,
  then: compare({
    word: 0,
    mask: 0xff,
    op: 'eq',
    value: 40,
    then: leaf({ kind: 'errno', errno: 38 }),
    else: leaf({ kind: 'log' }),
  }),
  else: leaf({ kind: 'allow' }),
});
const program = compile({
  sections: [
    section(X86_64, [
      { from: 0, to: 40, decision: leaf({ kind: 'allow' }) },
      { from: 41, to: 41, decision: socket },
      { from: 42, to: LAST, decision: leaf({ kind: 'trap', data: 5 }) },
    ]),
  ],
  otherArch: { kind: 'kill_process' },
});

describe('listing', () => {
  test('names archs, calls, arguments and actions', () => {
    expect(disassemble(program)).toMatchInlineSnapshot(`
      "      ld [4]                         ; arch
            jeq #0xc000003e, L3, L2        ; x86_64
      L2:   ret #0x80000000                ; SCMP_ACT_KILL_PROCESS
      L3:   ld [0]                         ; number
            jge #0x2a, L5, L6              ; connect
      L5:   ret #0x30005                   ; SCMP_ACT_TRAP 5
      L6:   jeq #0x29, L7, L9              ; socket
      L7:   ld [20]                        ; argument 0 (socket: family), high half
            jeq #0x0, L10, L9
      L9:   ret #0x7fff0000                ; SCMP_ACT_ALLOW
      L10:  ld [16]                        ; argument 0 (socket: family), low half
            and #0xff
            jeq #0x28, L14, L13
      L13:  ret #0x7ffc0000                ; SCMP_ACT_LOG
      L14:  ret #0x50026                   ; SCMP_ACT_ERRNO ENOSYS
      "
    `);
  });

  test('C and JSON forms', () => {
    expect(toC(program.slice(-1))).toMatchInlineSnapshot(`
      "static const struct sock_filter filter[] = {
      	{ 0x06, 0, 0, 0x00050026 }, /* SCMP_ACT_ERRNO ENOSYS */
      };
      "
    `);
    expect(toJson(program)[1]).toEqual({ ...program[1], remark: 'x86_64' });
    expect(toJson(program)).toHaveLength(program.length);
  });

  test('assemble makes the same program again, whatever stands in it', () => {
    const programs = fc.oneof(
      policies.map((policy) => compile(policy, { verify: false })),
      fc.array(instruction, { maxLength: 40 }),
    );
    fc.assert(
      fc.property(programs, (any) => {
        expect(assemble(disassemble(any))).toEqual(any);
      }),
      { seed: 9, numRuns: 600 },
    );
  });

  test('a branch may leave out its second label', () => {
    expect(assemble('jeq #1, L\nld [0]\nL: ret a')[0]).toEqual({ code: 0x15, jt: 1, jf: 0, k: 1 });
  });

  test.each([
    ['ret #1\nfoo #2', 2, 'unknown instruction foo'],
    ['ld', 1, 'operands of ld'],
    ['ld [0] [4]', 1, 'operands of ld'],
    ['ret #0x100000000', 1, 'not a number of 32 bits'],
    ['ret #-1', 1, 'not a number of 32 bits'],
    ['jeq #1, L1, L2\nL1: ret #0', 1, 'no label L2'],
    ['L: ld [0]\nja L', 2, 'lies behind'],
    ['L: ld [0]\nL: ret a', 2, 'stands twice'],
    [`jeq #1, L\n${'ld [0]\n'.repeat(256)}L: ret a`, 1, 'at most 255'],
    ['.inst 0x10000 0 0 0', 1, 'operands of .inst'],
    ['tax #1', 1, 'operands of tax'],
  ])('%j is refused with its line', (text, line, message) => {
    expect(() => assemble(text, 'a.asm')).toThrow(
      expect.objectContaining({
        at: { file: 'a.asm', line, column: 1 },
        message: expect.stringContaining(message),
      }),
    );
  });
});

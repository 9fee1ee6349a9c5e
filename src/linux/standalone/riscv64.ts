import { assembler } from '../assembler.js';
import {
  add,
  addi,
  addiw,
  branchOffset,
  EBREAK,
  ECALL,
  iType,
  ld,
  li,
  lui,
  riscv64 as machine,
  mv,
  neg,
} from '../riscv64.js';
import { NUMBERS } from './aarch64.js';
import type { Condition, Processor, Register, Writer } from './processor.js';

/** x0 … x31. The kernel changes no register but a0. */
const CODES: Readonly<Record<Register, number>> = {
  stack: 18,
  argv: 19,
  envp: 20,
  command: 21,
  source: 22,
  target: 23,
  errno: 24,
  byte: 25,
  a0: 10,
  a1: 11,
  a2: 12,
  a3: 13,
  a4: 14,
  result: 10,
};
const ZERO = 0;
const SP = 2;
const T0 = 5;
const NUMBER = 17;

const lbu = (rd: number, rs1: number, imm: number): number => iType(0x03, 4, rd, rs1, imm);
const sb = (rs2: number, rs1: number): number => (rs2 << 20) | (rs1 << 15) | 0x23;

const CONDITIONS: Readonly<Record<Condition, number>> = { equal: 0, unequal: 1, below: 6 };
/** addi takes 12 bits with a sign. */
const MOST = 2047;

function writer(): Writer {
  const asm = assembler();
  const branch = (condition: Condition, left: number, right: number, target: string): void => {
    asm.fixup(target, (view, at, distance) => {
      const registers = (right << 20) | (left << 15) | (CONDITIONS[condition] << 12) | 0x63;
      view.setUint32(at, (branchOffset(distance) | registers) >>> 0, true);
    });
    asm.word(0);
  };
  return {
    enter: () => asm.word(mv(CODES.stack, SP)),
    label: asm.label,
    set: (to, value) => {
      asm.word(lui(CODES[to], ((value + 0x800) >>> 12) & 0xfffff));
      asm.word(addiw(CODES[to], CODES[to], value & 0xfff));
    },
    copy: (to, from) => asm.word(mv(CODES[to], CODES[from])),
    add: (to, value) => asm.word(add(CODES[to], CODES[to], CODES[value])),
    addConstant: (to, value) => {
      for (let left = value; left !== 0; ) {
        const step = Math.max(-MOST, Math.min(MOST, left));
        asm.word(addi(CODES[to], CODES[to], step));
        left -= step;
      }
    },
    negate: (register) => asm.word(neg(CODES[register], CODES[register])),
    load: (to, address, offset, bytes) =>
      asm.word((bytes === 8 ? ld : lbu)(CODES[to], CODES[address], offset)),
    storeByte: (value, address) => asm.word(sb(CODES[value], CODES[address])),
    branch: (condition, left, right, target) => {
      if (typeof right === 'number') asm.word(li(T0, right));
      branch(condition, CODES[left], typeof right === 'number' ? T0 : CODES[right], target);
    },
    jump: (target) => branch('equal', ZERO, ZERO, target),
    call: (call) => {
      asm.word(li(NUMBER, NUMBERS[call]));
      asm.word(ECALL);
    },
    trap: () => asm.word(EBREAK),
    finish: asm.finish,
  };
}

export const riscv64: Processor = { name: 'riscv64', elfMachine: machine.elfMachine, writer };

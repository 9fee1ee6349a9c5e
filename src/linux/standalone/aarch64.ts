import {
  addX,
  addXShifted,
  BRK,
  genericNumbers,
  ldrX,
  aarch64 as machine,
  movkWHigh,
  movX,
  movzW,
  SVC,
} from '../aarch64.js';
import { assembler } from '../assembler.js';
import type { Call, Condition, Processor, Register, Writer } from './processor.js';

/** include/uapi/asm-generic/unistd.h; riscv64 has the same. */
export const NUMBERS: Readonly<Record<Call, number>> = {
  prctl: genericNumbers.prctl,
  seccomp: genericNumbers.seccomp,
  execve: 221,
  write: 64,
  exit_group: 94,
  exit: genericNumbers.exit,
};

/** x0 … x30. The kernel changes no register but x0. */
const CODES: Readonly<Record<Register, number>> = {
  stack: 19,
  argv: 20,
  envp: 21,
  command: 22,
  source: 23,
  target: 24,
  errno: 25,
  byte: 26,
  a0: 0,
  a1: 1,
  a2: 2,
  a3: 3,
  a4: 4,
  result: 0,
};
const NUMBER = 8;
const SP = 31;

const subX = (d: number, n: number, imm: number): number => 0xd1000000 | (imm << 10) | (n << 5) | d;
const negX = (d: number, m: number): number => 0xcb0003e0 | (m << 16) | d;
const ldrB = (t: number, n: number, offset: number): number => 0x39400000 | (offset << 10) | (n << 5) | t;
const strB = (t: number, n: number): number => 0x39000000 | (n << 5) | t;
const cmpX = (n: number, m: number): number => 0xeb00001f | (m << 16) | (n << 5);
const cmpXImm = (n: number, imm: number): number => 0xf100001f | (imm << 10) | (n << 5);

const CONDITIONS: Readonly<Record<Condition, number>> = { equal: 0, unequal: 1, below: 3 };

function writer(): Writer {
  const asm = assembler();
  return {
    enter: () => asm.word(addX(CODES.stack, SP, 0)),
    label: asm.label,
    set: (to, value) => {
      asm.word(movzW(CODES[to], value & 0xffff));
      asm.word(movkWHigh(CODES[to], value >>> 16));
    },
    copy: (to, from) => asm.word(movX(CODES[to], CODES[from])),
    add: (to, value) => asm.word(addXShifted(CODES[to], CODES[to], CODES[value], 0)),
    addConstant: (to, value) =>
      asm.word(value < 0 ? subX(CODES[to], CODES[to], -value) : addX(CODES[to], CODES[to], value)),
    negate: (register) => asm.word(negX(CODES[register], CODES[register])),
    load: (to, address, offset, bytes) =>
      asm.word((bytes === 8 ? ldrX : ldrB)(CODES[to], CODES[address], offset)),
    storeByte: (value, address) => asm.word(strB(CODES[value], CODES[address])),
    branch: (condition, left, right, target) => {
      asm.word(typeof right === 'number' ? cmpXImm(CODES[left], right) : cmpX(CODES[left], CODES[right]));
      asm.fixup(target, (view, at, distance) => {
        const words = ((distance >> 2) & 0x7ffff) << 5;
        view.setUint32(at, (0x54000000 | words | CONDITIONS[condition]) >>> 0, true);
      });
      asm.word(0);
    },
    jump: (target) => {
      asm.fixup(target, (view, at, distance) => {
        view.setUint32(at, (0x14000000 | ((distance >> 2) & 0x3ffffff)) >>> 0, true);
      });
      asm.word(0);
    },
    call: (call) => {
      asm.word(movzW(NUMBER, NUMBERS[call]));
      asm.word(SVC);
    },
    trap: () => asm.word(BRK),
    finish: asm.finish,
  };
}

export const aarch64: Processor = { name: 'aarch64', elfMachine: machine.elfMachine, writer };

import { assembler, littleEndian } from '../assembler.js';
import { x86_64 as machine } from '../x86_64.js';
import type { Call, Condition, Processor, Register, Writer } from './processor.js';

/** arch/x86/entry/syscalls/syscall_64.tbl. */
const NUMBERS: Readonly<Record<Call, number>> = {
  prctl: 157,
  seccomp: 317,
  execve: 59,
  write: 1,
  exit_group: 231,
  exit: 60,
};

/** rax rcx rdx rbx rsp rbp rsi rdi r8 … r15; syscall(2) destroys rcx and r11. */
const CODES: Readonly<Record<Register, number>> = {
  stack: 4,
  argv: 3,
  envp: 5,
  command: 12,
  source: 13,
  target: 14,
  errno: 15,
  byte: 9,
  a0: 7,
  a1: 6,
  a2: 2,
  a3: 10,
  a4: 8,
  result: 0,
};

const JUMPS: Readonly<Record<Condition, number>> = { equal: 0x84, unequal: 0x85, below: 0x82 };

function writer(): Writer {
  const asm = assembler();
  /** REX.W opcode ModRM with two registers. */
  const pair = (opcode: number, reg: number, rm: number): void => {
    asm.emit([0x48 | ((reg >> 3) << 2) | (rm >> 3), opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7)]);
  };
  /** opcode ModRM with a register and [base + offset]; rsp and r12 as base need a SIB byte. */
  const memory = (
    wide: boolean,
    opcode: readonly number[],
    reg: number,
    base: number,
    offset: number,
  ): void => {
    const rex = 0x40 | (wide ? 8 : 0) | ((reg >> 3) << 2) | (base >> 3);
    const sib = (base & 7) === 4 ? [0x24] : [];
    asm.emit([rex, ...opcode, 0x40 | ((reg & 7) << 3) | (base & 7), ...sib, offset]);
  };
  /** add (0) or cmp (7) with a constant of 32 bits, whose sign is extended. */
  const withConstant = (extension: number, rm: number, value: number): void => {
    asm.emit([0x48 | (rm >> 3), 0x81, 0xc0 | (extension << 3) | (rm & 7), ...littleEndian(value)]);
  };
  const distance = (target: string): void => {
    asm.fixup(target, (view, at, bytes) => view.setInt32(at, bytes - 4, true));
    asm.emit([0, 0, 0, 0]);
  };
  const set = (code: number, value: number): void => {
    asm.emit([0x40 | (code >> 3), 0xb8 | (code & 7), ...littleEndian(value)]);
  };
  return {
    enter: () => {},
    label: asm.label,
    set: (to, value) => set(CODES[to], value),
    copy: (to, from) => pair(0x89, CODES[from], CODES[to]),
    add: (to, value) => pair(0x01, CODES[value], CODES[to]),
    addConstant: (to, value) => withConstant(0, CODES[to], value),
    negate: (register) => pair(0xf7, 3, CODES[register]),
    load: (to, address, offset, bytes) =>
      bytes === 8
        ? memory(true, [0x8b], CODES[to], CODES[address], offset)
        : memory(false, [0x0f, 0xb6], CODES[to], CODES[address], offset),
    storeByte: (value, address) => memory(false, [0x88], CODES[value], CODES[address], 0),
    branch: (condition, left, right, target) => {
      if (typeof right === 'number') withConstant(7, CODES[left], right);
      else pair(0x39, CODES[right], CODES[left]);
      asm.emit([0x0f, JUMPS[condition]]);
      distance(target);
    },
    jump: (target) => {
      asm.emit([0xe9]);
      distance(target);
    },
    call: (call) => {
      set(CODES.result, NUMBERS[call]);
      asm.emit([0x0f, 0x05]);
    },
    trap: () => asm.emit([0x0f, 0x0b]),
    finish: asm.finish,
  };
}

export const x86_64: Processor = { name: 'x86_64', elfMachine: machine.elfMachine, writer };

import { assembler } from './assembler.js';
import type { CodeParameters, Machine } from './machine.js';
import { AT, ENTRY_BYTES, EXIT_LAUNCHER, EXIT_NOT_EXECUTABLE } from './table.js';

const WRITE = 64;
const EXIT = 93;
const EXIT_GROUP = 94;
const EXECVE = 221;

/** include/uapi/asm-generic/unistd.h; riscv64 has the same. */
export const genericNumbers = {
  fcntl: 25,
  prctl: 167,
  capset: 91,
  setgroups: 159,
  setgid: 144,
  setuid: 146,
  clone: 220,
  futex: 98,
  sendmsg: 211,
  close: 57,
  gettid: 178,
  seccomp: 277,
  exit: 93,
} as const;

const SP = 31;

/** A64 encodings (Arm ARM, C6.2); Wd/Wt/Wn are register numbers, offsets are bytes. */
const ldrW = (t: number, n: number, offset = 0): number => 0xb9400000 | ((offset >> 2) << 10) | (n << 5) | t;
const strW = (t: number, n: number, offset = 0): number => 0xb9000000 | ((offset >> 2) << 10) | (n << 5) | t;
export const ldrX = (t: number, n: number, offset = 0): number =>
  0xf9400000 | ((offset >> 3) << 10) | (n << 5) | t;
export const addX = (d: number, n: number, imm: number): number => 0x91000000 | (imm << 10) | (n << 5) | d;
export const addXShifted = (d: number, n: number, m: number, shift: number): number =>
  0x8b000000 | (m << 16) | (shift << 10) | (n << 5) | d;
const addW = (d: number, n: number, imm: number): number => 0x11000000 | (imm << 10) | (n << 5) | d;
export const movzW = (d: number, imm: number): number => 0x52800000 | (imm << 5) | d;
export const movkWHigh = (d: number, imm: number): number => 0x72a00000 | (imm << 5) | d;
export const movX = (d: number, m: number): number => 0xaa0003e0 | (m << 16) | d;
const movW = (d: number, m: number): number => 0x2a0003e0 | (m << 16) | d;
const negW = (d: number, m: number): number => 0x4b0003e0 | (m << 16) | d;
const cmpW = (n: number, m: number): number => 0x6b00001f | (m << 16) | (n << 5);
const cmpWImm = (n: number, imm: number): number => 0x7100001f | (imm << 10) | (n << 5);
const cmnWImm = (n: number, imm: number): number => 0x3100001f | (imm << 10) | (n << 5);
const cmnXImm = (n: number, imm: number): number => 0xb100001f | (imm << 10) | (n << 5);
export const SVC = 0xd4000001;
const YIELD = 0xd503203f;
export const BRK = 0xd4200000;

/** x19: the entry, x20: argv, x21: envp, w22: the exit code. The kernel changes no register but x0. */
function code({ table, report, statusFd }: CodeParameters): Uint8Array {
  const asm = assembler();
  const emit = (...words: number[]): void => {
    for (const word of words) asm.word(word);
  };
  /** Branches with a distance in words in bits 5..23 (19 bits) or 0..25 (26 bits). */
  const branch19 = (opcode: number, target: string): void => {
    asm.fixup(target, (view, at, distance) => {
      view.setUint32(at, (opcode | (((distance >> 2) & 0x7ffff) << 5)) >>> 0, true);
    });
    asm.word(opcode);
  };
  const b = (target: string): void => {
    asm.fixup(target, (view, at, distance) => {
      view.setUint32(at, (0x14000000 | ((distance >> 2) & 0x3ffffff)) >>> 0, true);
    });
    asm.word(0);
  };
  const bEq = (target: string): void => branch19(0x54000000, target);
  const bNe = (target: string): void => branch19(0x54000001, target);
  const bHs = (target: string): void => branch19(0x54000002, target);
  const cbzW = (t: number, target: string): void => branch19(0x34000000 | t, target);
  const cbnzW = (t: number, target: string): void => branch19(0x35000000 | t, target);
  const loadConstant = (d: number, value: number): void => {
    emit(movzW(d, value & 0xffff), movkWHigh(d, value >>> 16));
  };

  emit(addX(20, SP, 8), ldrX(1, SP), addXShifted(21, 20, 1, 3), addX(21, 21, 8));
  loadConstant(19, table);

  asm.label('next');
  emit(ldrW(8, 19, AT.number), cmnWImm(8, 1));
  bEq('execute');
  emit(ldrW(0, 19, AT.args), cmnWImm(8, 2));
  bEq('wait');
  for (let index = 1; index < 6; index++) emit(ldrW(index, 19, AT.args + 4 * index));
  emit(ldrW(9, 19, AT.fd));
  cbzW(9, 'call');
  emit(ldrW(0, 9));
  asm.label('call');
  emit(SVC, cmnXImm(0, 4095));
  bHs('failed');
  emit(ldrW(9, 19, AT.store));
  cbzW(9, 'stored');
  emit(strW(0, 9));
  asm.label('stored');
  cbnzW(0, 'advance');
  emit(ldrW(9, 19, AT.thread));
  cbzW(9, 'advance');
  emit(movX(19, 9));
  b('next');

  asm.label('advance');
  emit(addX(19, 19, ENTRY_BYTES));
  b('next');

  asm.label('wait');
  emit(YIELD, ldrW(9, 0));
  cbzW(9, 'wait');
  b('advance');

  asm.label('failed');
  emit(negW(0, 0), ldrW(9, 19, AT.ignore), cmpW(0, 9));
  bEq('advance');
  emit(ldrW(9, 19, AT.repeat), cmpW(0, 9));
  bEq('next');
  emit(movzW(22, EXIT_LAUNCHER));

  asm.label('report');
  loadConstant(1, report);
  emit(strW(19, 1), strW(0, 1, 4));
  loadConstant(0, statusFd);
  emit(movzW(2, 8), movzW(8, WRITE), SVC);
  emit(movW(0, 22), movzW(8, EXIT_GROUP), SVC);
  emit(movW(0, 22), movzW(8, EXIT), SVC, BRK);

  asm.label('execute');
  emit(ldrX(0, 20), addX(1, 20, 8), movX(2, 21), movzW(8, EXECVE), SVC);
  emit(negW(0, 0), movzW(22, EXIT_NOT_EXECUTABLE), cmpWImm(0, 2));
  bNe('report');
  emit(addW(22, 22, 1));
  b('report');
  return asm.finish();
}

export const aarch64: Machine = {
  name: 'aarch64',
  elfMachine: 183,
  auditArch: 0xc00000b7,
  numbers: genericNumbers,
  code,
};

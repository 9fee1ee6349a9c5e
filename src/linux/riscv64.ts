import { genericNumbers } from './aarch64.js';
import { assembler } from './assembler.js';
import type { CodeParameters, Machine } from './machine.js';
import { AT, ENTRY_BYTES, EXIT_LAUNCHER, EXIT_NOT_EXECUTABLE } from './table.js';

const WRITE = 64;
const EXIT = 93;
const EXIT_GROUP = 94;
const EXECVE = 221;

const ZERO = 0;
const SP = 2;
const T0 = 5;
const S1 = 9;
const A0 = 10;
const A1 = 11;
const A2 = 12;
const A7 = 17;
const S2 = 18;
const S3 = 19;
const S4 = 20;

/** RV64I encodings (The RISC-V Instruction Set Manual, volume I). */
export const iType = (opcode: number, funct3: number, rd: number, rs1: number, imm: number): number =>
  ((imm & 0xfff) << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
export const addi = (rd: number, rs1: number, imm: number): number => iType(0x13, 0, rd, rs1, imm);
export const addiw = (rd: number, rs1: number, imm: number): number => iType(0x1b, 0, rd, rs1, imm);
const slli = (rd: number, rs1: number, shift: number): number => iType(0x13, 1, rd, rs1, shift);
const lw = (rd: number, rs1: number, imm: number): number => iType(0x03, 2, rd, rs1, imm);
const lwu = (rd: number, rs1: number, imm: number): number => iType(0x03, 6, rd, rs1, imm);
export const ld = (rd: number, rs1: number, imm: number): number => iType(0x03, 3, rd, rs1, imm);
const sw = (rs2: number, rs1: number, imm: number): number =>
  ((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (2 << 12) | ((imm & 0x1f) << 7) | 0x23;
const rType = (funct7: number, rd: number, rs1: number, rs2: number): number =>
  (funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (rd << 7) | 0x33;
export const add = (rd: number, rs1: number, rs2: number): number => rType(0, rd, rs1, rs2);
export const neg = (rd: number, rs2: number): number => rType(0x20, rd, ZERO, rs2);
export const lui = (rd: number, high: number): number => (high << 12) | (rd << 7) | 0x37;
export const li = (rd: number, imm: number): number => addi(rd, ZERO, imm);
export const mv = (rd: number, rs: number): number => addi(rd, rs, 0);
export const ECALL = 0x73;
export const EBREAK = 0x100073;

const BEQ = 0;
const BNE = 1;
const BLTU = 6;

/** The bits of a conditional branch that hold its distance, which is less than 4 KiB. */
export function branchOffset(distance: number): number {
  return (
    (((distance >> 12) & 1) << 31) |
    (((distance >> 5) & 0x3f) << 25) |
    (((distance >> 1) & 0xf) << 8) |
    (((distance >> 11) & 1) << 7)
  );
}

/** s1: the entry, s2: argv, s3: envp, s4: the exit code. The kernel changes no register but a0. */
function code({ table, report, statusFd }: CodeParameters): Uint8Array {
  const asm = assembler();
  const emit = (...words: number[]): void => {
    for (const word of words) asm.word(word);
  };
  const branch = (funct3: number, rs1: number, rs2: number, target: string): void => {
    asm.fixup(target, (view, at, distance) => {
      view.setUint32(
        at,
        (branchOffset(distance) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | 0x63) >>> 0,
        true,
      );
    });
    asm.word(0);
  };
  const j = (target: string): void => branch(BEQ, ZERO, ZERO, target);
  /** lui takes the upper 20 bits, rounded because addiw's 12 bits are signed. */
  const loadConstant = (rd: number, value: number): void => {
    emit(lui(rd, ((value + 0x800) >>> 12) & 0xfffff), addiw(rd, rd, value & 0xfff));
  };

  emit(addi(S2, SP, 8), ld(T0, SP, 0), slli(T0, T0, 3), add(S3, S2, T0), addi(S3, S3, 8));
  loadConstant(S1, table);

  asm.label('next');
  // lw extends the sign, so EXECUTE and WAIT are -1 and -2.
  emit(lw(A7, S1, AT.number), li(T0, -1));
  branch(BEQ, A7, T0, 'execute');
  emit(lwu(A0, S1, AT.args), li(T0, -2));
  branch(BEQ, A7, T0, 'wait');
  for (let index = 1; index < 6; index++) emit(lwu(A0 + index, S1, AT.args + 4 * index));
  emit(lwu(T0, S1, AT.fd));
  branch(BEQ, T0, ZERO, 'call');
  emit(lwu(A0, T0, 0));
  asm.label('call');
  // Unsigned a0 < -4095 is success.
  emit(ECALL, lui(T0, 0xfffff), addi(T0, T0, 1));
  branch(BLTU, A0, T0, 'succeeded');

  emit(neg(A0, A0), lwu(T0, S1, AT.ignore));
  branch(BEQ, A0, T0, 'advance');
  emit(lwu(T0, S1, AT.repeat));
  branch(BEQ, A0, T0, 'next');
  emit(li(S4, EXIT_LAUNCHER));

  asm.label('report');
  loadConstant(A1, report);
  emit(sw(S1, A1, 0), sw(A0, A1, 4));
  loadConstant(A0, statusFd);
  emit(li(A2, 8), li(A7, WRITE), ECALL);
  emit(mv(A0, S4), li(A7, EXIT_GROUP), ECALL);
  emit(mv(A0, S4), li(A7, EXIT), ECALL, EBREAK);

  asm.label('succeeded');
  emit(lwu(T0, S1, AT.store));
  branch(BEQ, T0, ZERO, 'stored');
  emit(sw(A0, T0, 0));
  asm.label('stored');
  branch(BNE, A0, ZERO, 'advance');
  emit(lwu(T0, S1, AT.thread));
  branch(BEQ, T0, ZERO, 'advance');
  emit(mv(S1, T0));
  j('next');

  asm.label('advance');
  emit(addi(S1, S1, ENTRY_BYTES));
  j('next');

  asm.label('wait');
  emit(lw(T0, A0, 0));
  branch(BEQ, T0, ZERO, 'wait');
  j('advance');

  asm.label('execute');
  emit(ld(A0, S2, 0), addi(A1, S2, 8), mv(A2, S3), li(A7, EXECVE), ECALL);
  emit(neg(A0, A0), li(S4, EXIT_NOT_EXECUTABLE), li(T0, 2));
  branch(BNE, A0, T0, 'report');
  emit(addi(S4, S4, 1));
  j('report');
  return asm.finish();
}

export const riscv64: Machine = {
  name: 'riscv64',
  elfMachine: 243,
  auditArch: 0xc00000f3,
  numbers: genericNumbers,
  code,
};

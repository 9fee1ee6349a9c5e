/** One classic BPF instruction: struct sock_filter of include/uapi/linux/filter.h. */
export interface Instruction {
  /** Operation, 16 bits. */
  readonly code: number;
  /** Instructions to skip when a comparison holds, 8 bits. */
  readonly jt: number;
  /** Instructions to skip when it does not, 8 bits. */
  readonly jf: number;
  /** Constant, 32 bits unsigned. */
  readonly k: number;
}

/** A filter: instructions in the order in which the kernel runs them. */
export type Program = readonly Instruction[];

/** BPF_MAXINSNS of include/uapi/linux/bpf_common.h. */
export const MAX_INSTRUCTIONS = 4096;

/** BPF_MEMWORDS: the number of 32-bit scratch words. */
export const SCRATCH_WORDS = 16;

/**
 * The opcodes that seccomp admits (seccomp_check_filter in kernel/seccomp.c), by the names that the kernel's
 * bpf_asm gives them; `_x` marks the forms that take register X in place of the constant.
 */
export const OP = {
  ld_abs: 0x20,
  ld_len: 0x80,
  ld_imm: 0x00,
  ld_mem: 0x60,
  ldx_len: 0x81,
  ldx_imm: 0x01,
  ldx_mem: 0x61,
  st: 0x02,
  stx: 0x03,
  add: 0x04,
  add_x: 0x0c,
  sub: 0x14,
  sub_x: 0x1c,
  mul: 0x24,
  mul_x: 0x2c,
  div: 0x34,
  div_x: 0x3c,
  or: 0x44,
  or_x: 0x4c,
  and: 0x54,
  and_x: 0x5c,
  lsh: 0x64,
  lsh_x: 0x6c,
  rsh: 0x74,
  rsh_x: 0x7c,
  neg: 0x84,
  xor: 0xa4,
  xor_x: 0xac,
  ja: 0x05,
  jeq: 0x15,
  jeq_x: 0x1d,
  jgt: 0x25,
  jgt_x: 0x2d,
  jge: 0x35,
  jge_x: 0x3d,
  jset: 0x45,
  jset_x: 0x4d,
  ret: 0x06,
  ret_a: 0x16,
  tax: 0x07,
  txa: 0x87,
} as const;

type OpName = keyof typeof OP;

/** How an instruction is written: what stands behind its mnemonic. */
export type Operand =
  | 'data'
  | 'len'
  | 'constant'
  | 'scratch'
  | 'x'
  | 'a'
  | 'none'
  | 'jump'
  | 'branch'
  | 'branch_x';

export interface Mnemonic {
  readonly name: OpName;
  /** The word in a listing; several opcodes may share it and differ in the operand. */
  readonly word: string;
  readonly operand: Operand;
}

const OPERANDS: Partial<Record<OpName, Operand>> = {
  ld_abs: 'data',
  ld_len: 'len',
  ld_mem: 'scratch',
  ldx_len: 'len',
  ldx_mem: 'scratch',
  st: 'scratch',
  stx: 'scratch',
  neg: 'none',
  tax: 'none',
  txa: 'none',
  ret_a: 'a',
  ja: 'jump',
  jeq: 'branch',
  jgt: 'branch',
  jge: 'branch',
  jset: 'branch',
};

function mnemonicOf(name: OpName): Mnemonic {
  const word = name.split('_')[0] ?? name;
  if (name.endsWith('_x')) return { name, word, operand: word.startsWith('j') ? 'branch_x' : 'x' };
  return { name, word, operand: OPERANDS[name] ?? 'constant' };
}

const mnemonics = new Map<number, Mnemonic>(
  (Object.keys(OP) as OpName[]).map((name) => [OP[name], mnemonicOf(name)]),
);

/** The mnemonic of an opcode, or undefined when seccomp does not admit it. */
export function mnemonic(code: number): Mnemonic | undefined {
  return mnemonics.get(code);
}

/** Every opcode that seccomp admits, with its mnemonic. */
export function allMnemonics(): Iterable<readonly [number, Mnemonic]> {
  return mnemonics.entries();
}

/** True for the eight two-way jumps. */
export function isBranch(code: number): boolean {
  return (code & 7) === 5 && code !== OP.ja;
}

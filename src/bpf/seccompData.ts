import type { Word } from '../policy/policy.js';

/** sizeof(struct seccomp_data) of include/uapi/linux/seccomp.h: nr, arch, instruction_pointer, args[6]. */
export const DATA_SIZE = 64;
export const NUMBER_OFFSET = 0;
export const ARCH_OFFSET = 4;
const POINTER_OFFSET = 8;
const ARGS_OFFSET = 16;

/** __AUDIT_ARCH_LE of include/uapi/linux/audit.h. */
const AUDIT_ARCH_LE = 0x40000000;

/** Whether calls of this audit arch store the low half of an argument first. */
export function isLittleEndian(auditArch: number): boolean {
  return (auditArch & AUDIT_ARCH_LE) !== 0;
}

/** Where a half of an argument stands in struct seccomp_data. */
export function offsetOfWord(word: Word, littleEndian: boolean): number {
  return ARGS_OFFSET + 4 * (littleEndian ? word : word ^ 1);
}

export type Field =
  | { readonly kind: 'number' }
  | { readonly kind: 'arch' }
  | { readonly kind: 'pointer'; readonly high: boolean }
  | { readonly kind: 'argument'; readonly word: Word };

/** What a 4-byte load at this offset reads. */
export function fieldAt(offset: number, littleEndian: boolean): Field {
  if (offset === NUMBER_OFFSET) return { kind: 'number' };
  if (offset === ARCH_OFFSET) return { kind: 'arch' };
  if (offset < ARGS_OFFSET) return { kind: 'pointer', high: (offset === POINTER_OFFSET) !== littleEndian };
  const word = (offset - ARGS_OFFSET) / 4;
  return { kind: 'argument', word: littleEndian ? word : word ^ 1 };
}

/** A call as struct seccomp_data shows it; everything that is missing counts as 0. */
export interface DataFields {
  /** seccomp_data.nr, unsigned. */
  readonly number: number;
  readonly auditArch: number;
  readonly instructionPointer?: bigint;
  readonly args?: readonly bigint[];
}

/** The sixteen 32-bit words of struct seccomp_data in memory order, each in the machine's own byte order. */
export function dataWords(
  fields: DataFields,
  into: Uint32Array = new Uint32Array(DATA_SIZE / 4),
): Uint32Array {
  const swap = isLittleEndian(fields.auditArch) ? 0 : 1;
  into[0] = fields.number;
  into[1] = fields.auditArch;
  put(into, 2, fields.instructionPointer ?? 0n, swap);
  for (let index = 0; index < 6; index++) put(into, 4 + 2 * index, fields.args?.[index] ?? 0n, swap);
  return into;
}

function put(into: Uint32Array, at: number, value: bigint, swap: number): void {
  into[at + swap] = Number(value & 0xffffffffn);
  into[at + 1 - swap] = Number((value >> 32n) & 0xffffffffn);
}

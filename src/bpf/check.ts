import {
  type Instruction,
  isBranch,
  MAX_INSTRUCTIONS,
  mnemonic,
  OP,
  type Program,
  SCRATCH_WORDS,
} from './instruction.js';
import { DATA_SIZE } from './seccompData.js';

/** Whether the kernel takes a program, and what it refuses. */
export type CheckResult =
  | { readonly ok: true }
  /** `instruction` is -1 when the program as a whole is refused. */
  | { readonly ok: false; readonly instruction: number; readonly reason: string };

/**
 * Whether the kernel takes this program as a seccomp filter: bpf_check_classic and check_load_and_stores of
 * net/core/filter.c and seccomp_check_filter of kernel/seccomp.c, in the kernel's order. A program that is
 * refused here gets EINVAL from seccomp(2).
 */
export function check(program: Program): CheckResult {
  if (program.length === 0) return refuse(-1, 'the program is empty');
  if (program.length > MAX_INSTRUCTIONS) {
    return refuse(
      -1,
      `${program.length} instructions are more than the kernel's limit of ${MAX_INSTRUCTIONS}`,
    );
  }
  for (const [index, instruction] of program.entries()) {
    const reason = fault(instruction, index, program.length);
    if (reason !== undefined) return refuse(index, reason);
  }
  const last = program.length - 1;
  const code = program[last]?.code;
  if (code !== OP.ret && code !== OP.ret_a) return refuse(last, 'the last instruction is not a return');
  return checkScratch(program);
}

function refuse(instruction: number, reason: string): CheckResult {
  return { ok: false, instruction, reason };
}

function fault({ code, jt, jf, k }: Instruction, index: number, length: number): string | undefined {
  if (mnemonic(code) === undefined) return `opcode 0x${code.toString(16)} is not allowed in a seccomp filter`;
  const left = length - index - 1;
  switch (code) {
    case OP.ld_abs:
      if (k >= DATA_SIZE) return `load at offset ${k} is outside struct seccomp_data (${DATA_SIZE} bytes)`;
      return k % 4 === 0 ? undefined : `load at offset ${k} is not aligned to 4 bytes`;
    case OP.div:
      return k === 0 ? 'division by the constant zero' : undefined;
    case OP.lsh:
    case OP.rsh:
      return k < 32 ? undefined : `shift by ${k} bits`;
    case OP.ld_mem:
    case OP.ldx_mem:
    case OP.st:
    case OP.stx:
      return k < SCRATCH_WORDS ? undefined : `scratch word ${k} does not exist`;
    case OP.ja:
      return k < left ? undefined : 'the jump leaves the program';
    default:
      return isBranch(code) && (jt >= left || jf >= left) ? 'a branch leaves the program' : undefined;
  }
}

/**
 * No scratch word may be read before it was written on every way there. As in the kernel a return does not reset
 * the set, so code behind one is judged by what stands before it.
 */
function checkScratch(program: Program): CheckResult {
  const valid = new Uint16Array(program.length).fill(0xffff);
  let now = 0;
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    now &= valid[index] ?? 0;
    if (code === OP.st || code === OP.stx) now |= 1 << k;
    else if ((code === OP.ld_mem || code === OP.ldx_mem) && (now & (1 << k)) === 0) {
      return refuse(index, `scratch word ${k} is read before it is written`);
    } else if (code === OP.ja || isBranch(code)) {
      for (const skip of code === OP.ja ? [k] : [jt, jf]) {
        const target = index + 1 + skip;
        valid[target] = (valid[target] ?? 0) & now;
      }
      now = 0xffff;
    }
  }
  return { ok: true };
}

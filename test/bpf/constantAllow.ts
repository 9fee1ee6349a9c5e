import type { Program } from '../../src/bpf/instruction.js';

/** seccomp_is_const_allow of kernel/seccomp.c. */
export function isConstantAllow(program: Program, number: number, auditArch: number): boolean {
  let a = 0;
  for (let pc = 0; pc < program.length; pc++) {
    const { code, jt, jf, k } = program[pc] as Program[number];
    switch (code) {
      case 0x20:
        if (k !== 0 && k !== 4) return false;
        a = k === 0 ? number : auditArch;
        break;
      case 0x06:
        return k === 0x7fff0000;
      case 0x05:
        pc += k;
        break;
      case 0x15:
        pc += a === k ? jt : jf;
        break;
      case 0x35:
        pc += a >= k ? jt : jf;
        break;
      case 0x25:
        pc += a > k ? jt : jf;
        break;
      case 0x45:
        pc += (a & k) !== 0 ? jt : jf;
        break;
      case 0x54:
        a = (a & k) >>> 0;
        break;
      default:
        return false;
    }
  }
  return false;
}

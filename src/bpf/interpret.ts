import { CallgateError } from '../error.js';
import { check } from './check.js';
import { OP, type Program, SCRATCH_WORDS } from './instruction.js';
import { type DataFields, dataWords } from './seccompData.js';

/** What a program returned, and how many instructions that took. */
export interface Run {
  /** The filter's return value (SECCOMP_RET_*), unsigned. */
  readonly value: number;
  /** Instructions executed, the return included. */
  readonly executed: number;
}

/** A program made ready to be run many times. */
export interface Machine {
  /** Runs on the sixteen words of struct seccomp_data (see dataWords) and gives the return value, unsigned. */
  readonly run: (data: Uint32Array) => number;
  /** Instructions that the last run executed. */
  readonly executed: () => number;
}

/**
 * Makes a program ready to run.
 * @throws {CallgateError} INPUT when the kernel would refuse it, because such a program has no meaning.
 */
export function prepare(program: Program): Machine {
  const verdict = check(program);
  if (!verdict.ok) {
    const where = verdict.instruction < 0 ? '' : `instruction ${verdict.instruction}: `;
    throw new CallgateError('INPUT', `not a seccomp program: ${where}${verdict.reason}`);
  }
  const codes = Uint16Array.from(program, ({ code }) => code);
  const jts = Uint8Array.from(program, ({ jt }) => jt);
  const jfs = Uint8Array.from(program, ({ jf }) => jf);
  const ks = Uint32Array.from(program, ({ k }) => k);
  const scratch = new Uint32Array(SCRATCH_WORDS);
  let executed = 0;

  function run(data: Uint32Array): number {
    // A and X are kept as signed or unsigned numbers of 32 bits and made unsigned where order matters.
    let a = 0;
    let x = 0;
    let count = 0;
    for (let pc = 0; ; pc++) {
      count++;
      const k = ks[pc] as number;
      switch (codes[pc] as number) {
        case OP.ld_abs:
          a = data[k >>> 2] as number;
          break;
        case OP.jeq:
          pc += (a >>> 0 === k ? jts[pc] : jfs[pc]) as number;
          break;
        case OP.jge:
          pc += (a >>> 0 >= k ? jts[pc] : jfs[pc]) as number;
          break;
        case OP.jgt:
          pc += (a >>> 0 > k ? jts[pc] : jfs[pc]) as number;
          break;
        case OP.jset:
          pc += ((a & k) !== 0 ? jts[pc] : jfs[pc]) as number;
          break;
        case OP.ja:
          pc += k;
          break;
        case OP.ret:
          executed = count;
          return k;
        case OP.ret_a:
          executed = count;
          return a >>> 0;
        case OP.and:
          a &= k;
          break;
        case OP.jeq_x:
          pc += (a >>> 0 === x >>> 0 ? jts[pc] : jfs[pc]) as number;
          break;
        case OP.jge_x:
          pc += (a >>> 0 >= x >>> 0 ? jts[pc] : jfs[pc]) as number;
          break;
        case OP.jgt_x:
          pc += (a >>> 0 > x >>> 0 ? jts[pc] : jfs[pc]) as number;
          break;
        case OP.jset_x:
          pc += ((a & x) !== 0 ? jts[pc] : jfs[pc]) as number;
          break;
        case OP.ld_imm:
          a = k;
          break;
        case OP.ldx_imm:
          x = k;
          break;
        case OP.ld_len:
          a = 64;
          break;
        case OP.ldx_len:
          x = 64;
          break;
        case OP.ld_mem:
          a = scratch[k] as number;
          break;
        case OP.ldx_mem:
          x = scratch[k] as number;
          break;
        case OP.st:
          scratch[k] = a;
          break;
        case OP.stx:
          scratch[k] = x;
          break;
        case OP.tax:
          x = a;
          break;
        case OP.txa:
          a = x;
          break;
        case OP.div_x:
          // bpf_convert_filter makes a division by a zero X return 0, which is KILL_THREAD.
          if (x === 0) {
            executed = count;
            return 0;
          }
          a = arithmetic(OP.div, a, x);
          break;
        default:
          a = arithmetic((codes[pc] as number) & ~0x08, a, (codes[pc] as number) & 0x08 ? x : k);
      }
    }
  }
  return { run, executed: () => executed };
}

/** The ALU operations of 32 bits; `code` in its constant form. Shifts take the low five bits of the count, as eBPF does. */
export function arithmetic(code: number, a: number, operand: number): number {
  switch (code) {
    case OP.add:
      return (a + operand) | 0;
    case OP.sub:
      return (a - operand) | 0;
    case OP.mul:
      return Math.imul(a, operand);
    case OP.div:
      return Math.floor((a >>> 0) / (operand >>> 0)) | 0;
    case OP.or:
      return a | operand;
    case OP.and:
      return a & operand;
    case OP.xor:
      return a ^ operand;
    case OP.lsh:
      return a << operand;
    case OP.rsh:
      return a >>> operand;
    case OP.neg:
      return -a | 0;
    default:
      throw new RangeError(`0x${code.toString(16)} is not an ALU operation`);
  }
}

/**
 * What one call gets from a program.
 *
 * @example
 * interpret([{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }], { number: 0, auditArch: 0xc000003e })
 * // { value: 0x7fff0000, executed: 1 }
 */
export function interpret(program: Program, call: DataFields): Run {
  const machine = prepare(program);
  const value = machine.run(dataWords(call));
  return { value, executed: machine.executed() };
}

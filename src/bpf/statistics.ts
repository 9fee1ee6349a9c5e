import type { AbiName } from '../syscalls/abi.js';
import { abi } from '../syscalls/abis.js';
import { syscallsOf } from '../syscalls/table.js';
import { isBranch, OP, type Program } from './instruction.js';
import { prepare } from './interpret.js';
import { dataWords, NUMBER_OFFSET } from './seccompData.js';

export interface Statistics {
  /** Instructions of the whole program. */
  readonly instructions: number;
  /** Its bytes in memory (struct sock_filter). */
  readonly bytes: number;
  /** Mean over all calls that the ABI has, each counted once, with all arguments 0. */
  readonly meanExecuted: number;
  /** The most that any call of the ABI executes, whatever its arguments: an upper bound where arguments are tested. */
  readonly worstExecuted: number;
  /** The call that may execute the most. */
  readonly worstCall: string;
}

/**
 * How large a program is and how many instructions its calls execute.
 * @throws {CallgateError} INPUT when the kernel would refuse the program.
 */
export function statistics(program: Program, abiName: AbiName): Statistics {
  const machine = prepare(program);
  const { auditArch } = abi(abiName);
  const longest = longestWays(program);
  const calls = syscallsOf(abiName);
  let sum = 0;
  let worst = { name: '', executed: 0 };
  for (const { name, number } of calls) {
    const data = dataWords({ number, auditArch });
    machine.run(data);
    sum += machine.executed();
    const most = mostExecuted(program, data, longest);
    if (most > worst.executed) worst = { name, executed: most };
  }
  return {
    instructions: program.length,
    bytes: program.length * 8,
    meanExecuted: sum / calls.length,
    worstExecuted: worst.executed,
    worstCall: worst.name,
  };
}

/** Follows number and arch as far as they alone decide; from there on the longest way counts. */
function mostExecuted(program: Program, data: Uint32Array, longest: Int32Array): number {
  let executed = 0;
  let a: number | undefined;
  for (let pc = 0; ; pc++) {
    const { code, jt, jf, k } = program[pc] as Program[number];
    if (code === OP.ld_abs && k <= NUMBER_OFFSET + 4) a = data[k >> 2];
    else if (code === OP.ja) pc += k;
    else if (a === undefined || !(code in SIMPLE)) return executed + (longest[pc] as number);
    else pc += SIMPLE[code]?.(a, k) ? jt : jf;
    executed++;
  }
}

const SIMPLE: Readonly<Record<number, (a: number, k: number) => boolean>> = {
  [OP.jeq]: (a, k) => a === k,
  [OP.jgt]: (a, k) => a > k,
  [OP.jge]: (a, k) => a >= k,
  [OP.jset]: (a, k) => (a & k) !== 0,
};

/** For each instruction, the most that can be executed from there on, itself included. */
function longestWays(program: Program): Int32Array {
  const longest = new Int32Array(program.length + 1);
  for (let pc = program.length - 1; pc >= 0; pc--) {
    const { code, jt, jf, k } = program[pc] as Program[number];
    const skips =
      code === OP.ret || code === OP.ret_a ? [] : code === OP.ja ? [k] : isBranch(code) ? [jt, jf] : [0];
    longest[pc] = 1 + Math.max(0, ...skips.map((skip) => longest[pc + 1 + skip] ?? 0));
  }
  return longest;
}

import { OP, type Program } from '../../bpf/instruction.js';
import { lift } from '../../bpf/lift.js';
import { CallgateError } from '../../error.js';
import { fromReturnValue, toReturnValue } from '../../policy/action.js';
import type { Policy } from '../../policy/policy.js';
import { stackPolicies } from '../../policy/stack.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abi, abis } from '../../syscalls/abis.js';

/**
 * What the filters of a task answer together, exactly, to every call that this machine's processes can make.
 *
 * @param newestFirst as the kernel runs them
 * @param native ABI of the machine
 * @param name of what is lifted, for messages: `pid:1234`
 * @throws {CallgateError} INPUT for a filter that does what a policy cannot say
 */
export function liftFilters(newestFirst: readonly Program[], native: AbiName, name: string): Policy {
  const archs = auditArchs(native);
  const policies = newestFirst.map((program, index) => {
    const which = newestFirst.length === 1 ? name : `${name}, filter ${index + 1} of ${newestFirst.length}`;
    if (newestFirst.length > 1) refuseUnknownActions(program, which);
    const plain = lift(program);
    if (plain.ok) return plain.policy;
    // Without a check of the architecture a filter has many answers for archs that no process of this machine has.
    const lifted = lift(program, { archs, otherArch: { kind: 'kill_process' } });
    if (lifted.ok) return lifted.policy;
    throw undecided(which, lifted.instruction, lifted.reason);
  });
  return stackPolicies(policies);
}

/** Tokens of calls that processes on a machine make: its own, and those of its 32-bit mode. */
function auditArchs(native: AbiName): readonly number[] {
  const compat: Readonly<Partial<Record<AbiName, readonly AbiName[]>>> = {
    x86_64: ['x86'],
    aarch64: ['arm'],
    s390x: ['s390'],
    ppc64: ['ppc'],
    mips64: ['mips', 'mips64n32'],
    mipsel64: ['mipsel', 'mipsel64n32'],
    parisc64: ['parisc'],
  };
  const names: readonly AbiName[] = [native, ...(compat[native] ?? [])];
  return abis.filter((row) => names.includes(row.name)).map((row) => abi(row.name).auditArch);
}

/**
 * The kernel ranks an action that it does not know by its number against other filters' answers, and then kills the
 * process; a policy holds only the latter.
 */
function refuseUnknownActions(program: Program, which: string): void {
  for (const [index, { code, k }] of program.entries()) {
    if (code !== OP.ret) continue;
    if (toReturnValue(fromReturnValue(k)) >> 16 !== k >> 16)
      throw undecided(which, index, `it returns 0x${k.toString(16)}, an action that Linux does not have`);
  }
}

function undecided(which: string, instruction: number, reason: string): CallgateError {
  const where = instruction < 0 ? '' : `instruction ${instruction}: `;
  return new CallgateError('INPUT', `${which}: what the filter does cannot be decided: ${where}${reason}`);
}

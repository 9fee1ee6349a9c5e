import { comparePolicies, type Difference } from '../policy/compare.js';
import type { Policy } from '../policy/policy.js';
import type { Program } from './instruction.js';
import { lift } from './lift.js';

export type Verification =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly differences: readonly Difference[] }
  | { readonly kind: 'unknown'; readonly instruction: number; readonly reason: string };

/** Whether a program answers every call as the policy does: a proof over all numbers and all argument bits. */
export function verify(program: Program, policy: Policy): Verification {
  const lifted = lift(program, { archs: policy.sections.map((section) => section.auditArch) });
  if (!lifted.ok) return { kind: 'unknown', instruction: lifted.instruction, reason: lifted.reason };
  const differences = comparePolicies(policy, lifted.policy);
  return differences.length === 0 ? { kind: 'same' } : { kind: 'different', differences };
}

/**
 * Ends with a defect, not a CallgateError, when the compiler made something else than the policy.
 * @throws {Error}
 */
export function assertSame(program: Program, policy: Policy): void {
  const result = verify(program, policy);
  switch (result.kind) {
    case 'same':
      return;
    case 'unknown':
      throw new Error(
        `the compiled filter cannot be read back: instruction ${result.instruction}: ${result.reason}`,
      );
    case 'different': {
      const call = result.differences[0]?.example;
      const text =
        call &&
        `arch 0x${call.auditArch.toString(16)}, number ${call.number}, arguments ${call.args.join(' ')}`;
      throw new Error(`the compiled filter differs from its policy for ${text}`);
    }
  }
}

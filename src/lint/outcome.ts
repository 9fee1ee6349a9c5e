import { decisionOf } from '../explain/answer.js';
import { type Verdict, verdictOf } from '../explain/verdict.js';
import { foldDecision } from '../policy/fold.js';
import type { Policy } from '../policy/policy.js';
import { letsRun } from '../policy/widening.js';
import type { AbiName } from '../syscalls/abi.js';
import { syscallNumber } from '../syscalls/table.js';

/** What a policy says to a call. */
export type Outcome =
  | { readonly kind: 'runs' }
  /** It runs with some arguments. */
  | { readonly kind: 'conditional' }
  | { readonly kind: 'denied'; readonly verdict: Verdict };

/** Undefined where the ABI has no such call. */
export function outcomeOf(policy: Policy, name: string, abi: AbiName): Outcome | undefined {
  const number = syscallNumber(name, abi);
  if (number === undefined) return undefined;
  const decision = decisionOf(policy, { abi, number });
  if (decision.kind === 'leaf') {
    const { action } = decision;
    return letsRun(action) ? { kind: 'runs' } : { kind: 'denied', verdict: verdictOf(action, abi) };
  }
  const runsForSome = foldDecision<boolean>(decision, {
    leaf: letsRun,
    test: (_, then, otherwise) => then || otherwise,
  });
  return runsForSome ? { kind: 'conditional' } : { kind: 'denied', verdict: { action: 'BY_ARGUMENTS' } };
}

/** Whether a call that is needed gets no chance: denied, and not with an ENOSYS after which its caller goes on. */
export function isMissing(
  outcome: Outcome | undefined,
  mayBeEnosys: boolean,
): outcome is Outcome & { kind: 'denied' } {
  return outcome?.kind === 'denied' && !(mayBeEnosys && outcome.verdict.errno === 'ENOSYS');
}

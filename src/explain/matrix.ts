import type { Context } from '../engine/context.js';
import type { Decision } from '../policy/policy.js';
import type { ParsedCall } from '../syscalls/call.js';
import { type Answer, answerTo, decisionOf } from './answer.js';
import type { Case } from './cases.js';
import { createSharedPolicies, type Outcome } from './sharedPolicies.js';
import type { Verdict } from './verdict.js';

/** What one call gets in one context. */
export interface MatrixRow {
  readonly context: Context;
  readonly call: ParsedCall;
  /** Absent when no container starts, when the runtime's behaviour is not known, or when the ABI has no such call. */
  readonly verdict?: Verdict;
  readonly cases?: readonly Case[];
  /** In the engine's or runtime's own words. */
  readonly loadError?: string;
  readonly unknown?: string;
}

/**
 * What calls get in many contexts, context by context. Contexts with the same filter share its policy, calls with the
 * same decision its answer, so the cost grows with what differs.
 *
 * @param callsOf the calls in question on a context's ABI
 * @throws CallgateError `UNKNOWN` for a release that the data does not hold
 * @example
 * const rows = matrix([context], ({ arch }) => [parseCall('read', arch), parseCall('mount', arch)]);
 * (await rows.next()).value.map(({ verdict }) => verdict.action); // ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']
 */
export async function* matrix(
  contexts: Iterable<Context>,
  callsOf: (context: Context) => readonly ParsedCall[],
): AsyncGenerator<readonly MatrixRow[]> {
  const outcomeOf = createSharedPolicies();
  const answers = new Map<ParsedCall, Map<Decision, Answer>>();
  for (const context of contexts) {
    const outcome = await outcomeOf(context);
    yield callsOf(context).map((call) => row(context, call, outcome, answers));
  }
}

function row(
  context: Context,
  call: ParsedCall,
  outcome: Outcome,
  answers: Map<ParsedCall, Map<Decision, Answer>>,
): MatrixRow {
  switch (outcome.kind) {
    case 'loadError':
      return { context, call, loadError: outcome.message };
    case 'unknown':
      return { context, call, unknown: outcome.message };
    case 'policy': {
      const { number, abi, name, args } = call;
      if (number === undefined) return { context, call };
      const decision = decisionOf(outcome.policy, { abi, number });
      const known = answers.get(call) ?? new Map<Decision, Answer>();
      answers.set(call, known);
      let found = known.get(decision);
      if (found === undefined) {
        found = answerTo(decision, { number, abi, args, ...(name === undefined ? {} : { name }) });
        known.set(decision, found);
      }
      const { verdict, cases } = found;
      return cases === undefined ? { context, call, verdict } : { context, call, verdict, cases };
    }
  }
}

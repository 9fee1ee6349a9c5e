import { CallgateError } from '../error.js';
import { letsRun } from '../policy/widening.js';
import type { ParsedCall } from '../syscalls/call.js';
import { type Answer, answer, questionOf } from './answer.js';
import type { LayerFacts } from './layers/facts.js';
import type { FilterPrediction, Prediction } from './predict.js';
import { copesWith } from './remedies/betterAnswer.js';
import { remediesFor, type SimulatedRemedy } from './remedies/remedies.js';
import { unconfined } from './summary.js';
import { type Widening, widenedBy } from './widened.js';

/** Calls that a container denies, and the ways out. */
export interface Fix {
  readonly calls: readonly FixedCall[];
  /** The one that opens least first, unconfined last; empty when nothing is denied. */
  readonly remedies: readonly ProvedRemedy[];
}

/** A call that was asked about, and what it got. */
export interface FixedCall {
  readonly call: ParsedCall;
  readonly answer: Answer;
  readonly denied: boolean;
  /** Every caller that is known goes on as if nothing had happened. */
  readonly harmless: boolean;
}

/** A way out, the change that it makes, and everything that it opens. */
export interface ProvedRemedy extends SimulatedRemedy {
  /** Everything that it opens: what is not in here does not get further. */
  readonly widening: Widening;
}

/** Which calls need a way out. */
export interface FixOptions {
  /** Leave calls alone whose callers cope with the refusal, such as clone3 with ENOSYS. */
  readonly leaveHarmless?: boolean;
  /** Prove and tell no more remedies than this, those that open least. */
  readonly most?: number;
  /** Of host and container, for what a remedy's note says of the layers behind the filter. */
  readonly facts?: LayerFacts;
}

/**
 * The remedies for a set of denied calls, each simulated in the same context and proved to open what it says and
 * nothing else.
 *
 * @throws CallgateError `USAGE` for a call that its ABI does not have
 * @example (await fix(prediction, [parseCall('mount', 'x86_64')])).remedies[0]?.opens.count // 1
 */
export async function fix(
  before: FilterPrediction,
  calls: readonly ParsedCall[],
  { leaveHarmless = false, most, facts = {} }: FixOptions = {},
): Promise<Fix> {
  const asked = calls.map((call) => {
    const question = questionOf(call);
    if (question === undefined)
      throw new CallgateError(
        'USAGE',
        `${call.abi} has no call named ${call.name}: there is nothing to allow`,
      );
    const found = answer(before.policy, question);
    const denied = found.action === undefined || !letsRun(found.action);
    const harmless = denied && copesWith(found.verdict, question);
    return { call, question, answer: found, denied, harmless };
  });
  const denied = asked
    .filter((one) => one.denied && !(leaveHarmless && one.harmless))
    .map(({ question }) => question);
  const remedies = denied.length === 0 ? [] : await remediesFor(before, denied, facts, most);
  return {
    calls: asked.map(({ question: _, ...one }) => one),
    remedies: remedies.map((remedy) => ({
      ...remedy,
      widening: widenedBy(before.policy, policyOf(remedy.after), before.context.arch),
    })),
  };
}

/** A remedy that was kept has a filter, or none at all. */
function policyOf(after: Prediction) {
  return after.kind === 'filter' ? after.policy : unconfined;
}

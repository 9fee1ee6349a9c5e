import type { Action } from './action.js';
import { leaf, test } from './decision.js';
import type { Diagrams } from './diagram.js';
import { foldDecision } from './fold.js';
import type { Decision } from './policy.js';
import { permissiveness } from './words.js';

const LETS_RUN = leaf({ kind: 'allow' });
const STOPS = leaf({ kind: 'kill_process' });

/** Whether an action lets the call run without asking anybody. */
export function letsRun(action: Action): boolean {
  return permissiveness(action) === permissiveness(LETS_RUN.action);
}

/**
 * Six registers with which `after` lets a call run that `before` did not; undefined when there are none, which is a
 * proof over all argument bits.
 */
export function widening(
  before: Decision,
  after: Decision,
  diagrams: Diagrams,
): readonly bigint[] | undefined {
  if (before === after) return undefined;
  const ran = outcome(before, LETS_RUN);
  const runs = outcome(after, LETS_RUN);
  // What runs both before and after.
  const stillRuns = outcome(after, ran);
  return diagrams.difference(diagrams.of(runs), diagrams.of(stillRuns));
}

/** The decision with `allowed` for all that it lets run, and one other answer for the rest. */
function outcome(decision: Decision, allowed: Decision): Decision {
  return foldDecision<Decision>(decision, {
    leaf: (action) => (letsRun(action) ? allowed : STOPS),
    test: (node, then, otherwise) => test({ ...node, then, else: otherwise }),
  });
}

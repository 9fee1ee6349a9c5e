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
 * What `after` lets run that `before` did not: the decision allows exactly those arguments, and refuses all others.
 */
export function gained(before: Decision, after: Decision): Decision {
  return outcome(after, outcome(before, STOPS, LETS_RUN), STOPS);
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
  return diagrams.difference(diagrams.of(gained(before, after)), diagrams.of(STOPS));
}

/** The decision with one answer for all that it lets run, and another for the rest. */
function outcome(decision: Decision, runs: Decision, stops: Decision): Decision {
  return foldDecision<Decision>(decision, {
    leaf: (action) => (letsRun(action) ? runs : stops),
    test: (node, then, otherwise) => test({ ...node, then, else: otherwise }),
  });
}

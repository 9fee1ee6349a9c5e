import { type Action, toReturnValue } from './action.js';
import { leaf, test } from './decision.js';
import { foldDecision } from './fold.js';
import type { Decision, Policy, Range, Section, Test } from './policy.js';
import { section } from './transform.js';

const LAST_NUMBER = 0xffffffff;

/**
 * What several filters of one task answer together. The kernel runs all of them, the newest first, and takes the
 * answer whose action is the smallest as a signed number; of equal actions the newest filter's, with its data
 * (kernel/seccomp.c: seccomp_run_filters). Without a filter every call is allowed.
 *
 * @param newestFirst each filter's policy, in the order in which the kernel runs them
 */
export function stackPolicies(newestFirst: readonly Policy[]): Policy {
  return newestFirst.reduce<Policy>(stackTwo, { sections: [], otherArch: { kind: 'allow' } });
}

/** The answer of two filters' answers; `newer` wins among equal actions. */
export function strongerAction(newer: Action, older: Action): Action {
  return rank(older) < rank(newer) ? older : newer;
}

/** ACTION_ONLY of kernel/seccomp.c: the upper half, signed. */
function rank(action: Action): number {
  return toReturnValue(action) >> 16;
}

function stackTwo(newer: Policy, older: Policy): Policy {
  const tokens = new Set([...newer.sections, ...older.sections].map(({ auditArch }) => auditArch));
  const combine = combiner();
  return {
    sections: [...tokens]
      .sort((a, b) => a - b)
      .map((auditArch) =>
        section(auditArch, combineRanges(rangesOf(newer, auditArch), rangesOf(older, auditArch), combine)),
      ),
    otherArch: strongerAction(newer.otherArch, older.otherArch),
  };
}

function rangesOf(policy: Policy, auditArch: number): Section['ranges'] {
  return (
    policy.sections.find((candidate) => candidate.auditArch === auditArch)?.ranges ?? [
      { from: 0, to: LAST_NUMBER, decision: leaf(policy.otherArch) },
    ]
  );
}

type Combine = (newer: Decision, older: Decision) => Decision;

function* combineRanges(newer: readonly Range[], older: readonly Range[], combine: Combine): Iterable<Range> {
  let [i, j, from] = [0, 0, 0];
  while (from <= LAST_NUMBER) {
    const [a, b] = [newer[i], older[j]];
    if (a === undefined || b === undefined) throw new RangeError(`no range for number ${from}`);
    const to = Math.min(a.to, b.to);
    yield { from, to, decision: combine(a.decision, b.decision) };
    if (a.to === to) i++;
    if (b.to === to) j++;
    from = to + 1;
  }
}

/** The older decision is put in the place of each leaf of the newer one, held against that leaf's action. */
function combiner(): Combine {
  const against = new Map<number, Map<Decision, Decision>>();
  const held = (newer: Action, older: Decision): Decision => {
    if (older.kind === 'leaf') return leaf(strongerAction(newer, older.action));
    const key = toReturnValue(newer);
    const done = against.get(key) ?? new Map<Decision, Decision>();
    against.set(key, done);
    return foldDecision(
      older,
      { leaf: (action): Decision => leaf(strongerAction(newer, action)), test: rebuild },
      done,
    );
  };
  return (newer, older) =>
    newer === older
      ? newer
      : foldDecision<Decision>(newer, { leaf: (action) => held(action, older), test: rebuild });
}

/** The comparison with other branches. A branch that asks the same again knows the answer. */
function rebuild(node: Test, then: Decision, otherwise: Decision): Decision {
  return test({
    ...node,
    then: asksSame(then, node) ? then.then : then,
    else: asksSame(otherwise, node) ? otherwise.else : otherwise,
  });
}

function asksSame(decision: Decision, { word, mask, op, value }: Test): decision is Test {
  return (
    decision.kind === 'test' &&
    decision.word === word &&
    decision.mask === mask &&
    decision.op === op &&
    decision.value === value
  );
}

import { type Action, toReturnValue } from './action.js';
import { leaf, test } from './decision.js';
import { foldDecision } from './fold.js';
import type { Decision, Policy, Range, Section, Test } from './policy.js';
import { section } from './transform.js';

const LAST_NUMBER = 0xffffffff;

/** The policy that answers each call with what is chosen of two policies' answers to it. */
export function combinePolicies(
  first: Policy,
  second: Policy,
  choose: (first: Action, second: Action) => Action,
): Policy {
  const tokens = new Set([...first.sections, ...second.sections].map(({ auditArch }) => auditArch));
  const combine = combiner(choose);
  return {
    sections: [...tokens]
      .sort((a, b) => a - b)
      .map((auditArch) =>
        section(auditArch, combineRanges(rangesOf(first, auditArch), rangesOf(second, auditArch), combine)),
      ),
    otherArch: choose(first.otherArch, second.otherArch),
  };
}

function rangesOf(policy: Policy, auditArch: number): Section['ranges'] {
  return (
    policy.sections.find((candidate) => candidate.auditArch === auditArch)?.ranges ?? [
      { from: 0, to: LAST_NUMBER, decision: leaf(policy.otherArch) },
    ]
  );
}

type Combine = (first: Decision, second: Decision) => Decision;

function* combineRanges(
  first: readonly Range[],
  second: readonly Range[],
  combine: Combine,
): Iterable<Range> {
  let [i, j, from] = [0, 0, 0];
  while (from <= LAST_NUMBER) {
    const [a, b] = [first[i], second[j]];
    if (a === undefined || b === undefined) throw new RangeError(`no range for number ${from}`);
    const to = Math.min(a.to, b.to);
    yield { from, to, decision: combine(a.decision, b.decision) };
    if (a.to === to) i++;
    if (b.to === to) j++;
    from = to + 1;
  }
}

/** The second decision is put in the place of each leaf of the first one, held against that leaf's action. */
function combiner(choose: (first: Action, second: Action) => Action): Combine {
  const against = new Map<number, Map<Decision, Decision>>();
  const held = (first: Action, second: Decision): Decision => {
    if (second.kind === 'leaf') return leaf(choose(first, second.action));
    const key = toReturnValue(first);
    const done = against.get(key) ?? new Map<Decision, Decision>();
    against.set(key, done);
    return foldDecision(
      second,
      { leaf: (action): Decision => leaf(choose(first, action)), test: rebuild },
      done,
    );
  };
  return (first, second) =>
    first === second
      ? first
      : foldDecision<Decision>(first, { leaf: (action) => held(action, second), test: rebuild });
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

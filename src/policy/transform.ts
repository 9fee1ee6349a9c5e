import type { Action } from './action.js';
import { leaf, test } from './decision.js';
import { foldDecision } from './fold.js';
import type { Decision, Policy, Range, Section, Test } from './policy.js';

/** A section whose neighbouring ranges with one decision are joined. */
export function section(auditArch: number, ranges: Iterable<Range>): Section {
  const joined: Range[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && last.decision === range.decision)
      joined[joined.length - 1] = { ...last, to: range.to };
    else joined.push(range);
  }
  return { auditArch, ranges: joined };
}

/** The policy with every action replaced, also the one for unknown architectures. */
export function mapActions(policy: Policy, change: (action: Action) => Action): Policy {
  const done = new Map<Decision, Decision>();
  const fold = {
    leaf: (action: Action): Decision => leaf(change(action)),
    test: (old: Test, then: Decision, otherwise: Decision) => test({ ...old, then, else: otherwise }),
  };
  return {
    sections: policy.sections.map(({ auditArch, ranges }) =>
      section(
        auditArch,
        ranges.map((range) => ({ ...range, decision: foldDecision(range.decision, fold, done) })),
      ),
    ),
    otherArch: change(policy.otherArch),
  };
}

/** The policy with another decision for one number of one audit arch; without that section it is returned as it is. */
export function withDecision(policy: Policy, auditArch: number, number: number, decision: Decision): Policy {
  return {
    ...policy,
    sections: policy.sections.map((old) =>
      old.auditArch === auditArch ? section(auditArch, replaceNumber(old, number, decision)) : old,
    ),
  };
}

function* replaceNumber(old: Section, number: number, decision: Decision): Iterable<Range> {
  for (const range of old.ranges) {
    if (number < range.from || number > range.to) {
      yield range;
      continue;
    }
    if (range.from < number) yield { ...range, to: number - 1 };
    yield { from: number, to: number, decision };
    if (range.to > number) yield { ...range, from: number + 1 };
  }
}

import type { Call } from './decide.js';
import { leaf } from './decision.js';
import { createDiagrams, type Diagrams } from './diagram.js';
import type { Decision, Policy, Section } from './policy.js';

/** Numbers of one audit arch that two policies answer differently, with one call that shows it. */
export interface Difference {
  /** Undefined: every audit arch that neither policy has a section for. */
  readonly auditArch: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly left: Decision;
  readonly right: Decision;
  readonly example: Call;
}

/** A token that no Linux architecture has (machine type 0, both flags off). */
const NO_ARCH = 0;
const LAST = 0xffffffff;

/**
 * All differences of two policies; an empty list is a proof that they answer every call of every audit arch alike,
 * because both are compared in canonical form over all 2³² numbers and all argument bits.
 *
 * @example comparePolicies(policy, policy) // []
 */
export function comparePolicies(
  left: Policy,
  right: Policy,
  diagrams: Diagrams = createDiagrams(),
): readonly Difference[] {
  const tokens = new Set([...left.sections, ...right.sections].map((section) => section.auditArch));
  const found: Difference[] = [];
  for (const auditArch of tokens) {
    found.push(
      ...compareSections(sectionOf(left, auditArch), sectionOf(right, auditArch), auditArch, diagrams),
    );
  }
  const others = compareSections(everywhere(left), everywhere(right), undefined, diagrams);
  return [
    ...found,
    ...others.map((difference) => ({ ...difference, example: elsewhere(difference, tokens) })),
  ];
}

/** A call of an architecture that neither policy has a section for. */
function elsewhere({ example }: Difference, tokens: ReadonlySet<number>): Call {
  let auditArch = NO_ARCH;
  while (tokens.has(auditArch)) auditArch++;
  return { ...example, auditArch };
}

function sectionOf(policy: Policy, auditArch: number): Section {
  return policy.sections.find((section) => section.auditArch === auditArch) ?? everywhere(policy);
}

/** What a policy answers on architectures without a section. */
function everywhere({ otherArch }: Policy): Section {
  return { auditArch: NO_ARCH, ranges: [{ from: 0, to: LAST, decision: leaf(otherArch) }] };
}

/** The numbers of two sections in parts that have one decision in each. */
export function* sideBySide(
  left: Section,
  right: Section,
): Iterable<{
  readonly from: number;
  readonly to: number;
  readonly left: Decision;
  readonly right: Decision;
}> {
  let [i, j] = [0, 0];
  for (let from = 0; from <= LAST; ) {
    const [a, b] = [left.ranges[i], right.ranges[j]];
    if (a === undefined || b === undefined) throw new RangeError(`a section has no range for ${from}`);
    const to = Math.min(a.to, b.to);
    yield { from, to, left: a.decision, right: b.decision };
    if (a.to === to) i++;
    if (b.to === to) j++;
    from = to + 1;
  }
}

function compareSections(
  left: Section,
  right: Section,
  auditArch: number | undefined,
  diagrams: Diagrams,
): readonly Difference[] {
  const found: Difference[] = [];
  for (const { from, to, left: a, right: b } of sideBySide(left, right)) {
    if (a === b) continue;
    const args = diagrams.difference(diagrams.of(a), diagrams.of(b));
    if (args === undefined) continue;
    const example = { auditArch: auditArch ?? NO_ARCH, number: from, args };
    found.push({ auditArch, from, to, left: a, right: b, example });
  }
  return found;
}

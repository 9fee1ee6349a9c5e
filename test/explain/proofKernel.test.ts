import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../src/bpf/compile.js';
import { type Counterexample, proveEquals, proveWithin } from '../../src/explain/proof.js';
import { decide } from '../../src/policy/decide.js';
import type { Policy } from '../../src/policy/policy.js';
import { section } from '../../src/policy/transform.js';
import { decision, policy, X86, X86_64 } from '../bpf/arbitrary.js';
import {
  canBeAsked,
  type KernelQuestion,
  kernelVerdicts,
  lacksKernelVerdicts,
  verdictWord,
} from '../bpf/kernelVerdict.js';
import { describeWithOracle } from '../oracle.js';

/** A policy of archs that an x86-64 kernel has. */
const here: fc.Arbitrary<Policy> = policy.map(({ sections, otherArch }) => ({
  sections: sections.slice(0, 2).map(({ ranges }, index) => section(index === 0 ? X86_64 : X86, ranges)),
  otherArch,
}));

const pair: fc.Arbitrary<readonly [Policy, Policy]> = fc.oneof(
  fc.tuple(here, here),
  here.map((one) => [one, one] as const),
  fc.tuple(here, decision, fc.nat()).map(([one, changed, at]) => {
    const [first, ...rest] = one.sections;
    if (first === undefined) return [one, one] as const;
    const ranges = first.ranges.map((range, index) =>
      index === at % first.ranges.length ? { ...range, decision: changed } : range,
    );
    return [one, { ...one, sections: [section(first.auditArch, ranges), ...rest] }] as const;
  }),
);

interface Expected extends KernelQuestion {
  readonly word: string;
}

describeWithOracle(lacksKernelVerdicts(), 'prove, and the kernel', () => {
  test('the kernel answers the counterexamples of 300 pairs as they say', { timeout: 240_000 }, () => {
    const questions: Expected[] = [];
    const refuted = { asked: 0, differing: 0 };
    for (const [left, right] of fc.sample(pair, { numRuns: 300, seed: 41 })) {
      const found = [proveEquals, proveWithin].flatMap(
        (prove) => prove(left, right, 'x86_64').counterexample ?? [],
      );
      for (const example of found) {
        // A machine has no third architecture to call by, and int $0x80 no upper halves.
        if (!canBeAsked(example)) continue;
        refuted.asked++;
        const words = [asked(left, example, questions), asked(right, example, questions)];
        if (words[0] !== words[1]) refuted.differing++;
      }
    }
    const answers = kernelVerdicts(questions);
    expect(answers).toHaveLength(questions.length);
    const wrong = questions.flatMap(({ call, word }, index) =>
      answers[index] === word ? [] : [{ call, word, kernel: answers[index] }],
    );
    expect(wrong).toEqual([]);
    expect(refuted.asked).toBeGreaterThan(200);
    // The rest are ALLOW and LOG, and errnos that the kernel cuts to one.
    expect(refuted.differing).toBeGreaterThan(0.9 * refuted.asked);
  });
});

/** Adds the question what the kernel says under a policy, and returns what it should. */
function asked(of: Policy, { auditArch, number, args }: Counterexample, questions: Expected[]): string {
  const call = { auditArch, number, args };
  const word = verdictWord(decide(of, call));
  questions.push({ program: compile(of, { nativeArch: X86_64 }), call, word });
  return word;
}

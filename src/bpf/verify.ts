import { comparePolicies, type Difference, sideBySide } from '../policy/compare.js';
import { createDiagrams, DiagramTooLarge } from '../policy/diagram.js';
import type { Decision, Policy, Range, Section } from '../policy/policy.js';
import { section } from '../policy/transform.js';
import { type Boxes, createBoxes } from './boxes.js';
import type { Program } from './instruction.js';
import { lift } from './lift.js';
import { createShapes, type Shapes } from './shape.js';

export type Verification =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly differences: readonly Difference[] }
  /** `instruction` is -1 when no single one is to blame. */
  | { readonly kind: 'unknown'; readonly instruction: number; readonly reason: string };

/** A list of 2,000 values of one argument needs 260,000; conditions over many masks can grow without end. */
const MAX_NODES = 300_000;

/** Whether a program answers every call as the policy does: a proof over all numbers and all argument bits. */
export function verify(program: Program, policy: Policy): Verification {
  const lifted = lift(program, { archs: policy.sections.map(({ auditArch }) => auditArch) });
  if (!lifted.ok) return { kind: 'unknown', instruction: lifted.instruction, reason: lifted.reason };
  try {
    const differences = comparePolicies(policy, adopt(lifted.policy, policy), createDiagrams(MAX_NODES));
    return differences.length === 0 ? { kind: 'same' } : { kind: 'different', differences };
  } catch (error) {
    if (!(error instanceof DiagramTooLarge)) throw error;
    return {
      kind: 'unknown',
      instruction: -1,
      reason: 'the conditions on arguments are too many to compare',
    };
  }
}

/** The policy with the other's own decision wherever both are easily seen to be the same, which spares the comparison. */
function adopt(policy: Policy, other: Policy): Policy {
  const shapes = createShapes();
  const boxes = createBoxes();
  return {
    ...policy,
    sections: policy.sections.map((part) => {
      const wanted = other.sections.find(({ auditArch }) => auditArch === part.auditArch);
      return wanted === undefined ? part : section(part.auditArch, overlay(part, wanted, shapes, boxes));
    }),
  };
}

function* overlay(part: Section, wanted: Section, shapes: Shapes, boxes: Boxes): Iterable<Range> {
  for (const { from, to, left, right } of sideBySide(part, wanted))
    yield { from, to, decision: isSame(left, right, shapes, boxes) ? right : left };
}

function isSame(decision: Decision, other: Decision, shapes: Shapes, boxes: Boxes): boolean {
  return shapes.same(decision, other) || boxes.same(other, decision) === true;
}

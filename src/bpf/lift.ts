import type { Action } from '../policy/action.js';
import type { Policy, Range } from '../policy/policy.js';
import { section } from '../policy/transform.js';
import { check } from './check.js';
import { type Cut, createEvaluator, type Interval, type State, Undecided } from './evaluate.js';
import type { Program } from './instruction.js';

/** How far lifting may go. */
export interface LiftOptions {
  /** Audit archs to give a section even when the program does not ask for them (a filter without an arch check). */
  readonly archs?: readonly number[];
  /** What to put for all other archs when the program has no single answer for them; without it that is a failure. */
  readonly otherArch?: Action;
}

/** The policy of a program, or why it has none. */
export type LiftResult =
  | { readonly ok: true; readonly policy: Policy }
  /** `instruction` is -1 when no single one is to blame. */
  | { readonly ok: false; readonly instruction: number; readonly reason: string };

const EVERYTHING: Interval = { low: 0, high: 0xffffffff };
/** Parts into which archs and numbers may fall: twice what comparisons without masks can tell apart in one program. */
const MAX_PARTS = 16_384;

/**
 * The policy of a program: what it answers to every call, found by evaluating it symbolically. The result is exact;
 * a program that computes with the call in ways that a policy cannot say, or whose answer for unknown archs is not
 * one action, gives the instruction and the reason in place of a policy.
 *
 * @example
 * const lifted = lift(decode(bytes, 'little'));
 * if (lifted.ok) decide(lifted.policy, { auditArch: 0xc000003e, number: 435, args: [] });
 */
export function lift(program: Program, options: LiftOptions = {}): LiftResult {
  const verdict = check(program);
  if (!verdict.ok) return verdict;
  try {
    return combine(archParts(program, options), options);
  } catch (error) {
    if (error instanceof Undecided)
      return { ok: false, instruction: error.instruction, reason: error.reason };
    throw error;
  }
}

interface ArchPart {
  readonly arch: Interval;
  readonly ranges: readonly Range[];
}

function archParts(program: Program, options: LiftOptions): readonly ArchPart[] {
  const evaluate = createEvaluator(program);
  const found: ArchPart[] = [];
  // Lower archs are pushed last, so the sections come out in ascending order.
  const pending = splitAt(options.archs ?? []).reverse();
  for (let arch = pending.pop(); arch !== undefined; arch = pending.pop()) {
    if (found.length + pending.length > MAX_PARTS)
      throw new Undecided(-1, 'the archs fall into too many parts');
    const ranges = numberParts(evaluate, arch);
    if ('kind' in ranges)
      pending.push({ low: ranges.after + 1, high: arch.high }, { low: arch.low, high: ranges.after });
    else found.push({ arch, ranges });
  }
  return found;
}

/** The ranges of numbers of some archs, or where those archs have to be told apart first. */
function numberParts(evaluate: ReturnType<typeof createEvaluator>, arch: Interval): readonly Range[] | Cut {
  const ranges: Range[] = [];
  const pending: { readonly number: Interval; readonly resume?: State | undefined }[] = [
    { number: EVERYTHING },
  ];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const { number, resume } = part;
    const decision = evaluate({ arch, number }, resume);
    if (decision.kind !== 'cut') ranges.push({ from: number.low, to: number.high, decision });
    else if (decision.what === 'arch') return decision;
    else {
      const { after, resume: from } = decision;
      pending.push({ number: { low: after + 1, high: number.high }, resume: from });
      pending.push({ number: { low: number.low, high: after }, resume: from });
    }
    if (ranges.length + pending.length > MAX_PARTS)
      throw new Undecided(-1, 'the numbers fall into too many parts');
  }
  return section(0, ranges).ranges;
}

function combine(parts: readonly ArchPart[], options: LiftOptions): LiftResult {
  const constant = ({ ranges }: ArchPart) => (ranges.length === 1 ? ranges[0]?.decision : undefined);
  const wide = parts.filter(({ arch }) => arch.low !== arch.high);
  const [first] = wide;
  const common = first === undefined ? undefined : constant(first);
  const uniform = common?.kind === 'leaf' && wide.every((part) => constant(part) === common);
  const otherArch = uniform ? common.action : options.otherArch;
  if (otherArch === undefined) {
    const reason =
      'the answer for an unknown architecture is not one action (a filter without a check of the architecture?)';
    return { ok: false, instruction: -1, reason };
  }
  const sections = parts
    .filter((part) => part.arch.low === part.arch.high && (!uniform || constant(part) !== common))
    .map(({ arch, ranges }) => section(arch.low, ranges));
  return { ok: true, policy: { sections, otherArch } };
}

/** All archs, with each of the given ones as a part of its own. */
function splitAt(archs: readonly number[]): Interval[] {
  const parts: Interval[] = [];
  let low = 0;
  for (const arch of [...new Set(archs)].sort((a, b) => a - b)) {
    if (low < arch) parts.push({ low, high: arch - 1 });
    parts.push({ low: arch, high: arch });
    low = arch + 1;
  }
  if (low <= EVERYTHING.high) parts.push({ low, high: EVERYTHING.high });
  return parts;
}

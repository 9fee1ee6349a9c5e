import type { Action } from './action.js';
import type { Decision, Policy, Section, Test, Word } from './policy.js';

/** A call as the kernel shows it to a filter (struct seccomp_data without the instruction pointer). */
export interface Call {
  /** AUDIT_ARCH_* token. */
  readonly auditArch: number;
  /** Number as in seccomp_data.nr, unsigned; x32 calls carry bit 30. */
  readonly number: number;
  /** Six 64-bit registers, unsigned; missing ones count as 0. */
  readonly args: readonly bigint[];
}

/** The decision for a number, before its arguments are looked at. */
export function decisionFor(section: Section, number: number): Decision {
  let low = 0;
  let high = section.ranges.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = section.ranges[middle];
    if (range === undefined) break;
    if (number > range.to) low = middle + 1;
    else high = middle;
  }
  const range = section.ranges[low];
  if (range === undefined) throw new RangeError(`section has no range for ${number}`);
  return range.decision;
}

/** The 32-bit half of a register that a test looks at. */
export function halfOf(register: bigint, word: Word): number {
  return Number(BigInt.asUintN(32, word & 1 ? register >> 32n : register));
}

/** Whether a test takes its `then` branch for this 32-bit value. */
export function holds({ mask, op, value }: Pick<Test, 'mask' | 'op' | 'value'>, word: number): boolean {
  const masked = (word & mask) >>> 0;
  switch (op) {
    case 'eq':
      return masked === value;
    case 'gt':
      return masked > value;
    case 'ge':
      return masked >= value;
  }
}

/** Walks a decision to its leaf for concrete arguments. */
export function decideArguments(decision: Decision, args: readonly bigint[]): Action {
  let node = decision;
  while (node.kind === 'test') {
    node = holds(node, halfOf(args[node.word >> 1] ?? 0n, node.word)) ? node.then : node.else;
  }
  return node.action;
}

/**
 * What the policy answers to one concrete call.
 *
 * @example decide(policy, { auditArch: 0xc000003e, number: 0, args: [] }) // { kind: 'allow' }
 */
export function decide(policy: Policy, call: Call): Action {
  const section = policy.sections.find((candidate) => candidate.auditArch === call.auditArch);
  if (section === undefined) return policy.otherArch;
  return decideArguments(decisionFor(section, call.number), call.args);
}

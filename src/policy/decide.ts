import type { Action } from './action.js';
import type { Decision, Policy, Section } from './policy.js';

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

/** Walks a decision to its leaf for concrete arguments. */
export function decideArguments(decision: Decision, args: readonly bigint[]): Action {
  let node = decision;
  while (node.kind === 'test') {
    const register = args[node.word >> 1] ?? 0n;
    const word = Number(BigInt.asUintN(32, node.word & 1 ? register >> 32n : register));
    const masked = (word & node.mask) >>> 0;
    const hit =
      node.op === 'eq'
        ? masked === node.value
        : node.op === 'gt'
          ? masked > node.value
          : masked >= node.value;
    node = hit ? node.then : node.else;
  }
  return node.action;
}

/** What the policy answers to one concrete call. */
export function decide(policy: Policy, call: Call): Action {
  const section = policy.sections.find((candidate) => candidate.auditArch === call.auditArch);
  if (section === undefined) return policy.otherArch;
  return decideArguments(decisionFor(section, call.number), call.args);
}

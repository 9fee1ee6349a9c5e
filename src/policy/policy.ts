import type { Action } from './action.js';

/**
 * What a filter answers to every possible call, as the kernel sees a call: an audit arch, a 32-bit number and six
 * 64-bit arguments. One section for each audit arch that the filter knows (x86_64 and x32 share one: x32 numbers
 * carry bit 30), `otherArch` for the rest.
 */
export interface Policy {
  readonly sections: readonly Section[];
  readonly otherArch: Action;
}

/** What a policy answers to the calls of one audit arch. */
export interface Section {
  /** AUDIT_ARCH_* token, unsigned. */
  readonly auditArch: number;
  /** Sorted by number, without gaps from 0 to 0xffffffff; neighbours differ. */
  readonly ranges: readonly Range[];
}

/** Consecutive numbers with the same decision, both ends included. */
export interface Range {
  /** First and last number, inclusive, as in seccomp_data.nr (unsigned). */
  readonly from: number;
  readonly to: number;
  readonly decision: Decision;
}

/** Nodes are shared: equal decisions of one process are the same object (see decision.ts). */
export type Decision = Leaf | Test;

/** The end of a decision: one action. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly action: Action;
}

/** One comparison of a 32-bit half of an argument: `(word & mask) OP value`, unsigned. */
export interface Test {
  readonly kind: 'test';
  readonly word: Word;
  readonly mask: number;
  readonly op: 'eq' | 'gt' | 'ge';
  readonly value: number;
  readonly then: Decision;
  readonly else: Decision;
}

/** Half of an argument; index = 2 * argument + (high half ? 1 : 0), so 0..11. */
export type Word = number;

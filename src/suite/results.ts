import type { Context } from '../engine/context.js';
import type { Position } from '../error.js';

/** What became of one claim in one context. */
export interface ClaimResult {
  readonly test: string;
  /** Name of the context in the suite. */
  readonly contextName: string;
  /** Absent when no container starts. */
  readonly context?: Context;
  /** `clone3: EPERM`, `never mount`, `within docker@28.5.2`. */
  readonly claim: string;
  readonly ok: boolean;
  readonly at: Position;
  readonly expected: string;
  readonly got: string;
  /** The chain from the profile to the answer; empty where the claim holds. */
  readonly reasons: readonly string[];
}

/** What came of the claims of one suite. */
export interface SuiteResult {
  readonly file: string;
  readonly results: readonly ClaimResult[];
}

/** How many claims hold, and how many do not. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

/** Counts the claims of suites. */
export function totals(suites: readonly SuiteResult[]): Totals {
  let [passed, failed] = [0, 0];
  for (const { results } of suites) {
    for (const { ok } of results) {
      if (ok) passed++;
      else failed++;
    }
  }
  return { passed, failed };
}

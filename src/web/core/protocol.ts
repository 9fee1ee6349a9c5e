import type { Failure } from './failure.js';
import type { Questions } from './questions.js';

/** A question on its way to a worker. */
export interface Asked {
  readonly id: number;
  readonly question: keyof Questions;
  readonly args: readonly unknown[];
}

/** Its answer. */
export interface Answered {
  readonly id: number;
  readonly reply?: unknown;
  readonly failure?: Failure;
}

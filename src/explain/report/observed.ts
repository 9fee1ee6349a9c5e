import type { DeniedCall } from '../denial.js';

/** Calls of one kind that were denied while a command ran, as whoever answered them saw it. */
export interface ObservedDenial extends DeniedCall {
  /** Thread that made the first one; 0 when it is not known. */
  readonly pid: number;
  readonly exe: string | undefined;
  readonly count: number;
  /** Places of the first and the last one in the order of all denied calls, from 0. */
  readonly firstPlace: number;
  readonly lastPlace: number;
}

/** What was seen from the first call to the last. */
export interface Observation {
  readonly denials: readonly ObservedDenial[];
  /** Denied calls beyond the kinds in `denials`. */
  readonly unlisted: number;
  /** How the command ended; undefined while it runs, or where nobody knows. */
  readonly ending: Ending | undefined;
}

export interface Ending {
  readonly exitCode: number;
  readonly signal: string | undefined;
}

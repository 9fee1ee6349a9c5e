import type { Position } from '../error.js';

/** A text of a suite with its place. */
export interface Placed {
  readonly text: string;
  readonly at: Position;
}

/** How a suite describes a context: the flags of the command by their names, with a value or several each. */
export interface ContextWords {
  readonly flags: ReadonlyMap<string, readonly Placed[]>;
  readonly at: Position;
}

/** One statement that is to hold. */
export type Claim =
  /** The call gets this verdict. */
  | {
      readonly kind: 'verdict';
      readonly call: Placed;
      readonly expected: Placed;
      readonly contexts: readonly string[];
    }
  | {
      readonly kind: 'never' | 'always' | 'within' | 'equals';
      /** A call for `never` and `always`, a target for the others. */
      readonly object: Placed;
      readonly contexts: readonly string[];
    };

/** Claims under one name. */
export interface SuiteTest {
  readonly name: string;
  readonly at: Position;
  readonly claims: readonly Claim[];
}

/** A `*.test.yaml`: contexts by name, and what has to hold in them. */
export interface Suite {
  readonly file: string;
  /** The profile of every context that names none; its path starts from the file's directory. */
  readonly profile?: Placed;
  readonly contexts: ReadonlyMap<string, ContextWords>;
  readonly tests: readonly SuiteTest[];
}

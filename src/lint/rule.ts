import type { Position } from '../error.js';
import type { Path } from './document.js';
import type { Fix } from './edit.js';
import type { Level } from './finding.js';
import type { LintSubject } from './subject.js';

/** A finding as a rule makes it: with the place in the profile rather than in the text. */
export interface RawFinding {
  readonly text: string;
  /** Where: the value, or the nearest thing around it that has a position. */
  readonly path?: Path;
  readonly at?: Position;
  /** In place of the rule's own. */
  readonly level?: Level;
  readonly expected?: string;
  readonly nearest?: string;
  readonly fix?: Fix;
}

/** One thing that is looked for. Its id is the name of its page in docs/lint. */
export interface LintRule {
  readonly id: string;
  readonly level: Level;
  /** One line, without a full stop. */
  readonly title: string;
  readonly check: (subject: LintSubject) => readonly RawFinding[];
}

/** Rules that find something at every name of a hostile text tell so many of them. */
export const MOST_OF_A_RULE = 200;

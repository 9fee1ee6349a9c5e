import type { Position } from '../error.js';
import type { Fix } from './edit.js';

/** How bad a finding is, in the words of SARIF. */
export type Level = 'error' | 'warning' | 'note';

/** Something in a profile that is wrong, that does not do what it seems to, or that opens much. */
export interface LintFinding {
  /** Id of the rule, e.g. `unknown-name`: it has a page in docs/lint. */
  readonly rule: string;
  /** `error`: no container starts with it. `warning`: it does something else than it seems to. `note`: worth a look. */
  readonly level: Level;
  readonly text: string;
  readonly at?: Position;
  readonly expected?: string;
  /** The valid word that was probably meant. */
  readonly nearest?: string;
  /** An edit of the text that mends it without doing anything else. */
  readonly fix?: Fix;
}

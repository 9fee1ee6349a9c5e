import type { CallgateError } from '../error.js';
import type { Fix } from '../lint/edit.js';
import type { LintFinding } from '../lint/finding.js';

/** A finding at a line and column of the text, both from 1. */
export interface FindingView {
  /** Id of the rule; `syntax` for a text that cannot be read. */
  readonly rule: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly hint?: string;
  readonly fix?: Fix;
}

/** A linter's finding as an editor shows it. */
export function findingView({ rule, level, text, at, expected, nearest, fix }: LintFinding): FindingView {
  const hint =
    nearest !== undefined
      ? `did you mean ${nearest}?`
      : expected === undefined
        ? undefined
        : `expected ${expected}`;
  return {
    rule,
    level,
    text,
    line: at?.line ?? 1,
    column: at?.column ?? 1,
    ...(hint === undefined ? {} : { hint }),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** A text that cannot be read, as a finding. */
export function errorView({ message, at, expected, hint }: CallgateError): FindingView {
  const more = [expected === undefined ? undefined : `expected ${expected}`, hint].filter(
    (part) => part !== undefined,
  );
  return {
    rule: 'syntax',
    level: 'error',
    text: message,
    line: at?.line ?? 1,
    column: at?.column ?? 1,
    ...(more.length === 0 ? {} : { hint: more.join('; ') }),
  };
}

/** How many characters of a line, from a finding's column on, belong to what it is about: a word, a string or a bracket. */
export function lengthAt(line: string, column: number): number {
  const found = /^(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[\w.+-]+|.)/.exec(line.slice(Math.max(0, column - 1)));
  return found?.[0].length ?? 0;
}

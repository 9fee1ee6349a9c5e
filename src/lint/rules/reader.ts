import type { LintRule } from '../rule.js';
import { removeTrailingCommas } from '../trailingCommas.js';

/** What the reader of profiles notes, as rules of lint: kind of the note, level, title. */
const NOTES = [
  ['comment', 'error', 'The file has comments, which no engine reads'],
  ['trailing-comma', 'error', 'The file has trailing commas, which no engine reads'],
  ['unknown-field', 'warning', 'A field means nothing'],
  ['key-case', 'note', 'A key is written in other letters’ case'],
  ['duplicate-key', 'warning', 'A key stands twice in one object'],
  ['wrong-type', 'warning', 'A field has a type that its only readers refuse'],
] as const;

export const reader: readonly LintRule[] = NOTES.map(([id, level, title]) => ({
  id,
  level,
  title,
  check: ({ profile, document }) =>
    profile.notes
      .filter(({ kind }) => kind === id)
      .map(({ text, at }) => ({
        text,
        ...(at === undefined ? {} : { at }),
        ...(id === 'trailing-comma' && document !== undefined ? { fix: removeTrailingCommas(document) } : {}),
      })),
}));

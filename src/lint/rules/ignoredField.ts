import type { LintRule } from '../rule.js';

/** A field that this release of the engine or runtime does not read. */
export const ignoredField: LintRule = {
  id: 'ignored-field',
  level: 'warning',
  title: 'The engine or runtime does not read this field',
  check: ({ filter }) => {
    if (filter === undefined) return [];
    return [
      ...filter.notes
        .filter(({ kind }) => kind === 'dropped-field')
        .map(({ text, at }) => ({ text, ...(at === undefined ? {} : { at }) })),
      ...filter.runtime.notes
        .filter(({ kind }) => kind === 'flags-ignored')
        .map(({ text }) => ({
          text: `${filter.context.runtime.name} ${filter.context.runtime.version}: ${text}`,
          path: ['flags'],
        })),
    ];
  },
};

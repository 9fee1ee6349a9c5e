import type { LintRule } from '../rule.js';

/** No entry of archMap is this host's: programs of its other ABIs are killed. */
export const archMapUnmatched: LintRule = {
  id: 'arch-map-unmatched',
  level: 'warning',
  title: 'No entry of archMap is used on this architecture',
  check: ({ filter }) =>
    (filter?.notes ?? [])
      .filter(({ kind }) => kind === 'arch-map-unmatched')
      .map(({ text, at }) => ({ text, ...(at === undefined ? {} : { at }) })),
};

import { removeString } from '../edit.js';
import { namesIn } from '../names.js';
import type { LintRule, RawFinding } from '../rule.js';

/** A name that its rule has already. */
export const duplicateName: LintRule = {
  id: 'duplicate-name',
  level: 'note',
  title: 'A rule names a call twice',
  check: ({ profile, document }) => {
    const seen = new Set<string>();
    return namesIn(profile).flatMap(({ name, index, path }): readonly RawFinding[] => {
      const key = `${index} ${name}`;
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      const fix = removeString(document, path, name);
      return [{ text: `the rule names ${name} already`, path, ...(fix === undefined ? {} : { fix }) }];
    });
  },
};

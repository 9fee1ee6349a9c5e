import { removeString } from '../edit.js';
import { namesIn } from '../names.js';
import { type LintRule, MOST_OF_A_RULE, type RawFinding } from '../rule.js';

/** A name that its rule has already. */
export const duplicateName: LintRule = {
  id: 'duplicate-name',
  level: 'note',
  title: 'A rule names a call twice',
  check: ({ profile, document }) => {
    const seen = new Set<string>();
    const again = namesIn(profile).filter(({ name, index }) => {
      const key = `${index} ${name}`;
      if (seen.has(key)) return true;
      seen.add(key);
      return false;
    });
    return again.slice(0, MOST_OF_A_RULE).map(({ name, path }): RawFinding => {
      const fix = removeString(document, path, name);
      return { text: `the rule names ${name} already`, path, ...(fix === undefined ? {} : { fix }) };
    });
  },
};

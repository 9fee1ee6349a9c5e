import { syscallNames } from '../../syscalls/libseccomp.js';
import { nearestName } from '../../syscalls/nearest.js';
import { purposeOf } from '../../syscalls/purpose.js';

import { replaceWord } from '../edit.js';
import { namesIn } from '../names.js';
import { type LintRule, MOST_OF_A_RULE } from '../rule.js';

const known = new Set(syscallNames);

/** A name that no release of libseccomp knows: the rule is dropped without a word. */
export const unknownName: LintRule = {
  id: 'unknown-name',
  level: 'warning',
  title: 'No release of libseccomp knows this name',
  check: ({ profile, document }) =>
    namesIn(profile)
      .filter(({ name }) => name !== '' && !known.has(name))
      .slice(0, MOST_OF_A_RULE)
      .map(({ name, path, rule }) => {
        const near = nearestName(name);
        const text = `${JSON.stringify(name.slice(0, 60))} is no system call that any release of libseccomp knows: the rule means nothing for it`;
        if (near === undefined) return { text, path };
        // To allow a dangerous call is no typing error's mending.
        const safe =
          near.sure && (rule.action !== 'SCMP_ACT_ALLOW' || purposeOf(near.name)?.risk === undefined);
        const fix = safe ? replaceWord(document, path, name, near.name) : undefined;
        return { text, path, nearest: near.name, ...(fix === undefined ? {} : { fix }) };
      }),
};

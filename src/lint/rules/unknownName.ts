import { purposeOf } from '../../syscalls/purpose.js';
import { isKnownName, libseccompReleases, nearestNames } from '../../syscalls/table.js';
import { replaceWord } from '../edit.js';
import { namesIn } from '../names.js';
import type { LintRule } from '../rule.js';

/** Each unknown name is compared with all known ones; a text full of them is told after this many. */
const MOST = 200;

/** A name that no release of libseccomp knows: the rule is dropped without a word. */
export const unknownName: LintRule = {
  id: 'unknown-name',
  level: 'warning',
  title: 'No release of libseccomp knows this name',
  check: ({ profile, document }) =>
    namesIn(profile)
      .filter(({ name }) => name !== '' && !isKnownAnywhere(name))
      .slice(0, MOST)
      .map(({ name, path, rule }) => {
        const near = nearestNames(name);
        const [meant] = near;
        const text = `${JSON.stringify(name.slice(0, 60))} is no system call that any release of libseccomp knows: the rule means nothing for it`;
        if (meant === undefined) return { text, path };
        // To allow a dangerous call is no typing error's mending.
        const safe =
          near.length === 1 && (rule.action !== 'SCMP_ACT_ALLOW' || purposeOf(meant)?.risk === undefined);
        const fix = safe ? replaceWord(document, path, name, meant) : undefined;
        return { text, path, nearest: meant, ...(fix === undefined ? {} : { fix }) };
      }),
};

function isKnownAnywhere(name: string): boolean {
  return libseccompReleases.some((release) => isKnownName(name, release));
}

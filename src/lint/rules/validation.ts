import type { Finding } from '../../profile/validate.js';
import { replaceWord } from '../edit.js';
import type { Level } from '../finding.js';
import type { LintRule } from '../rule.js';

/** What src/profile/validate.ts checks, as rules of lint: id, usual level, title. */
const CHECKS: readonly (readonly [Finding['rule'], Level, string])[] = [
  ['no-default-action', 'error', 'The profile has no defaultAction'],
  ['unknown-action', 'error', 'No runtime knows this action'],
  ['unknown-operator', 'error', 'No runtime knows this comparison'],
  ['unknown-architecture', 'error', 'No runtime knows this architecture'],
  ['unknown-flag', 'error', 'No runtime knows this filter flag'],
  ['unknown-capability', 'warning', 'A condition names a capability that does not exist'],
  ['unknown-condition-arch', 'warning', 'A condition names an architecture in words that no engine uses'],
  ['bad-kernel-version', 'error', 'A condition’s minKernel is no kernel version'],
  ['argument-index', 'error', 'A comparison is of an argument that no call has'],
  ['unused-value-two', 'note', 'A comparison has a valueTwo that means nothing'],
  ['empty-mask', 'note', 'A masked comparison has an empty mask'],
  ['name-and-names', 'error', 'A rule has both name and names'],
  ['no-names', 'warning', 'A rule has no names'],
  ['empty-name', 'error', 'A rule has an empty name'],
  ['architectures-and-arch-map', 'error', 'The profile has both architectures and archMap'],
  ['errno-too-large', 'error', 'An errno is larger than libseccomp takes'],
  ['unused-errno', 'error', 'An errno stands next to an action that has none'],
  ['notify-without-listener', 'error', 'A notifying rule has nobody to notify'],
];

export const validation: readonly LintRule[] = CHECKS.map(([id, level, title]) => ({
  id,
  level,
  title,
  check: ({ validation: findings, document, profile }) =>
    findings
      .filter(({ rule }) => rule === id)
      .map(({ rule: _, path, word, nearest, ...finding }) => {
        // A condition that never held may have been meant so; a word that keeps every container from starting was not.
        const sure = finding.level === 'error' || (word !== undefined && sameWord(word, nearest));
        const fix =
          !sure || nearest === undefined || word === undefined
            ? undefined
            : replaceWord(document, path, word, nearest);
        return {
          ...finding,
          path,
          ...(nearest === undefined ? {} : { nearest }),
          ...(fix === undefined ? {} : { fix }),
        };
      }),
}));

/** In other letters' case or without its prefix. */
function sameWord(word: string, nearest: string | undefined): boolean {
  return nearest?.toLowerCase().replace(/^cap_/, '') === word.toLowerCase().replace(/^cap_/, '');
}

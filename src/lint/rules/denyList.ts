import { opens } from '../../explain/opens.js';
import { purposeOf } from '../../syscalls/purpose.js';
import { listed } from '../names.js';
import type { LintRule } from '../rule.js';

/** A profile that allows whatever it does not name: each new call of a kernel is open at once. */
export const denyList: LintRule = {
  id: 'deny-list',
  level: 'warning',
  title: 'The profile allows every call that it does not name',
  check: ({ profile, filter, reference, context }) => {
    if (profile.defaultAction !== 'SCMP_ACT_ALLOW' && profile.defaultAction !== 'SCMP_ACT_LOG') return [];
    const open =
      filter === undefined || reference === undefined ? [] : opens(reference, filter, context.arch);
    const risky = open.filter((name) => purposeOf(name)?.risk !== undefined);
    const against =
      risky.length === 0
        ? ''
        : `; open here and denied or restricted by ${reference?.profile.source}: ${listed(risky, 12)}`;
    return [
      {
        path: ['defaultAction'],
        text: `every call that no rule names runs, those of future kernels too${against}`,
        expected: 'SCMP_ACT_ERRNO, and a list of what is allowed',
      },
    ];
  },
};

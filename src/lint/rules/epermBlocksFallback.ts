import { reactionsTo } from '../../explain/libc.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import { errnoNumber } from '../../syscalls/constants.js';
import { syscallsOf } from '../../syscalls/table.js';
import { placesByName } from '../names.js';
import { outcomeOf } from '../outcome.js';
import type { LintRule } from '../rule.js';

/** A call that gets EPERM where its callers go on after ENOSYS only. */
export const epermBlocksFallback: LintRule = {
  id: 'eperm-blocks-fallback',
  level: 'warning',
  title: 'EPERM is answered where ENOSYS would let programs fall back',
  check: ({ filter, profile, context }) => {
    if (filter === undefined) return [];
    const { bits } = abiOf(context.arch);
    const places = placesByName(profile);
    return syscallsOf(context.arch).flatMap(({ name }) => {
      const stuck = reactionsTo(name, 'EPERM', bits).filter(({ copes }) => !copes);
      if (stuck.length === 0 || !reactionsTo(name, 'ENOSYS', bits).some(({ copes }) => copes)) return [];
      const outcome = outcomeOf(filter.policy, name, context.arch);
      if (outcome?.kind !== 'denied' || outcome.verdict.errno !== 'EPERM') return [];
      const path = places.get(name)?.[0]?.path ?? ['defaultAction'];
      const who = stuck.map(
        ({ program, since, text }) => `${program}${since === undefined ? '' : ` ≥ ${since}`} ${text}`,
      );
      return [
        {
          path,
          text: `${name} gets EPERM: ${who.join('; ')}. With ENOSYS ${stuck.length === 1 ? 'it falls' : 'they fall'} back`,
          expected: `{"names": ["${name}"], "action": "SCMP_ACT_ERRNO", "errnoRet": ${errnoNumber('ENOSYS', context.arch)}}`,
        },
      ];
    });
  },
};

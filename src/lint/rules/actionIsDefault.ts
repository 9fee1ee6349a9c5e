import { behaviours, findBehaviour } from '../../runtime/behaviours.js';
import { listed, originOf } from '../names.js';
import type { LintRule } from '../rule.js';

/** A rule that says what the default says: it is dropped, so that it takes nothing away from another rule. */
export const actionIsDefault: LintRule = {
  id: 'action-is-default',
  level: 'warning',
  title: 'A rule has the default action, and is dropped',
  check: ({ oci, context }) => {
    if (oci === undefined) return [];
    const { name, version } = context.runtime;
    const skips = findBehaviour(name, version, 'redundant-skipped') !== undefined;
    return oci.syscalls.flatMap(({ names, action, errnoRet = 1 }, index) => {
      if (names.length === 0 || action !== oci.defaultAction) return [];
      const usesErrno = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
      if (usesErrno && errnoRet !== (oci.defaultErrnoRet ?? 1)) return [];
      const what = `the rule for ${listed(names, 4)} says what the default says`;
      return [
        {
          path: ['syscalls', originOf(oci, index)],
          level: skips ? ('warning' as const) : ('error' as const),
          text: skips
            ? `${what}: ${name} drops it, so it takes nothing away from a rule that allows such a call; ${OLDER}`
            : `${what}: ${name} ${version} does not start with it`,
        },
      ];
    });
  },
};

/** From the record of runc's behaviour. */
const OLDER = (() => {
  const row = behaviours.find(
    ({ runtime, behaviour }) => runtime === 'runc' && behaviour === 'redundant-skipped',
  );
  return `runc before ${[...Object.values(row?.sinceByBranch ?? {}), row?.since].join(' and ')} does not start with it`;
})();

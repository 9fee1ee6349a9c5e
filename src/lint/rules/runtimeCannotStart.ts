import { onArchitecture, runtimeNeeds } from '../../runtime/needs.js';
import { listed } from '../names.js';
import { isMissing, outcomeOf } from '../outcome.js';
import type { LintRule } from '../rule.js';

/** The filter denies calls that the runtime itself makes once the filter is on. */
export const runtimeCannotStart: LintRule = {
  id: 'runtime-cannot-start',
  level: 'error',
  title: 'The profile denies calls that the runtime needs to start the container',
  check: ({ filter, context, noNewPrivileges }) => {
    const needs = runtimeNeeds(context.runtime, noNewPrivileges);
    if (filter === undefined || needs === undefined) return [];
    const missing = onArchitecture([...needs.needs.keys()], context).filter((name) =>
      isMissing(outcomeOf(filter.policy, name, context.arch), needs.fallback.includes(name)),
    );
    if (missing.length === 0) return [];
    const { name, version } = context.runtime;
    return [
      {
        path: ['defaultAction'],
        text: `${name} ${version} ${noNewPrivileges ? 'with' : 'without'} no_new_privs makes calls under the filter that it denies: ${listed(missing, 30)}`,
        expected: 'see callgate preflight, which adds them with --add',
      },
    ];
  },
};

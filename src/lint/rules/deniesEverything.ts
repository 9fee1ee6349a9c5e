import { syscallsOf } from '../../syscalls/table.js';
import { outcomeOf } from '../outcome.js';
import type { LintRule } from '../rule.js';

/** A filter that lets no call at all run. */
export const deniesEverything: LintRule = {
  id: 'denies-everything',
  level: 'error',
  title: 'The profile allows no call at all',
  check: ({ filter, context }) => {
    if (filter === undefined) return [];
    const runs = syscallsOf(context.arch).some(({ name }) => {
      const kind = outcomeOf(filter.policy, name, context.arch)?.kind;
      return kind === 'runs' || kind === 'conditional';
    });
    if (runs) return [];
    return [
      { path: ['defaultAction'], text: `no call runs on ${context.arch}, not even execve or exit_group` },
    ];
  },
};

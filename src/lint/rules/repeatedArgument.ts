import { listed } from '../names.js';
import type { LintRule } from '../rule.js';

/** Two comparisons of one argument in one rule: runc and crun take the comparisons as alternatives then. */
export const repeatedArgument: LintRule = {
  id: 'repeated-argument',
  level: 'warning',
  title: 'Comparisons of one rule become alternatives',
  check: ({ profile }) =>
    profile.rules.flatMap(({ args, names, name }, index) => {
      const second = args.findIndex((arg, at) =>
        args.slice(0, at).some((other) => other.index === arg.index),
      );
      if (second === -1) return [];
      const calls = listed(name === undefined || name === '' ? names : [name], 4);
      return [
        {
          path: ['syscalls', index, 'args', second],
          text: `two comparisons of argument ${args[second]?.index}: the rule for ${calls} applies when any of its ${args.length} comparisons holds, not when all do`,
          expected: 'one comparison of each argument; a range needs SCMP_CMP_MASKED_EQ or several rules',
        },
      ];
    }),
};

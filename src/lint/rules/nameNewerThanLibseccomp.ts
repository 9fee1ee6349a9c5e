import { syscallNames } from '../../syscalls/libseccomp.js';
import { isKnownName } from '../../syscalls/table.js';
import { listed, namesIn } from '../names.js';
import type { LintRule, RawFinding } from '../rule.js';

const known = new Set(syscallNames);

/** A name that this container's libseccomp does not know, though others do. */
export const nameNewerThanLibseccomp: LintRule = {
  id: 'name-newer-than-libseccomp',
  level: 'note',
  title: 'The libseccomp of this runtime does not know this name',
  check: ({ profile, context }) => {
    const { libseccomp } = context;
    const byRule = new Map<number, { names: string[]; first: RawFinding['path'] }>();
    for (const { name, index, path } of namesIn(profile)) {
      if (isKnownName(name, libseccomp)) continue;
      if (!known.has(name)) continue;
      const found = byRule.get(index);
      if (found === undefined) byRule.set(index, { names: [name], first: path });
      else found.names.push(name);
    }
    return [...byRule.values()].map(({ names, first }) => ({
      text: `libseccomp ${libseccomp} does not know ${listed(names)}: ${context.runtime.name} ${context.runtime.version} drops ${names.length === 1 ? 'it' : 'them'}`,
      ...(first === undefined ? {} : { path: first }),
    }));
  },
};

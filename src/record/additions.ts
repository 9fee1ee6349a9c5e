import record from '../../data/record-additions.json' with { type: 'json' };
import groups from '../../data/syscalls/siblings.json' with { type: 'json' };
import { type RuntimeNeeds, startups } from '../runtime/needs.js';

/** Calls that a profile allows though no run made them. */
export interface Addition {
  readonly kind: 'always' | 'companion' | 'runtime' | 'startup' | 'sibling';
  readonly names: readonly string[];
  readonly reason: string;
  readonly source: string;
}

interface Row {
  readonly calls: readonly string[];
  readonly of?: readonly string[];
  readonly reason: string;
  readonly source: string;
}

const always: readonly Row[] = record.always;
const companions: readonly Row[] = record.companions;
const siblings: readonly Row[] = [
  ...groups.groups
    .filter(({ kind }) => kind === 'replacements')
    .map(({ calls, effect }) => ({ calls, reason: effect, source: groups.source })),
  ...record.siblings,
];

/** The runtime whose own calls the profile is to allow, e.g. `runc 1.4.3`. */
export interface RuntimeStart {
  readonly title: string;
  readonly needs: RuntimeNeeds;
}

/** Whatever the run did: what it cannot be relied upon to have shown. */
export function alwaysNeeded(recorded: ReadonlySet<string>): readonly Addition[] {
  const made = companions.filter(({ of = [] }) => of.some((name) => recorded.has(name)));
  return [
    ...always.map(
      ({ calls, reason, source }): Addition => ({ kind: 'always', names: calls, reason, source }),
    ),
    ...made.map(
      ({ calls, reason, source }): Addition => ({ kind: 'companion', names: calls, reason, source }),
    ),
  ];
}

/** What a runtime calls between loading the filter and the program's execve. */
export function neededByRuntime({ title, needs }: RuntimeStart): Addition {
  return {
    kind: 'runtime',
    names: [...needs.needs.keys(), ...needs.makes],
    reason: `${title} calls them after it has loaded the filter, to start the program`,
    source: needs.source,
  };
}

/**
 * What other C libraries and architectures call in place of recorded calls, and at their start.
 *
 * @param restricted calls that are allowed with some arguments only: what does the same without these arguments would go
 *   round that, so it is not added
 */
export function portableTo(
  recorded: ReadonlySet<string>,
  restricted: ReadonlySet<string>,
): { readonly additions: readonly Addition[]; readonly leftOut: readonly string[] } {
  const additions: Addition[] = startups.map(({ title, needs, makes, source }) => ({
    kind: 'startup',
    names: [...needs, ...makes],
    reason: `called at the start of ${title}`,
    source,
  }));
  const leftOut = new Set<string>();
  for (const { calls, of = calls, reason, source } of siblings) {
    if (!of.some((name) => recorded.has(name))) continue;
    if (of.some((name) => restricted.has(name))) for (const name of calls) leftOut.add(name);
    else additions.push({ kind: 'sibling', names: calls, reason: `also ${reason}`, source });
  }
  // No filter sees the flags of clone3, and C libraries take clone after ENOSYS.
  leftOut.add('clone3');
  const keep = (name: string): boolean => !leftOut.has(name);
  return {
    additions: additions.map((addition) => ({ ...addition, names: addition.names.filter(keep) })),
    leftOut: [...leftOut].filter((name) => !recorded.has(name)),
  };
}

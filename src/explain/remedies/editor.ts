import { behaves } from '../../engine/behaviours.js';
import type { Context } from '../../engine/context.js';
import { loadDefaults } from '../../engine/defaults.js';
import type { OciSeccomp } from '../../engine/oci.js';
import { comparePolicies } from '../../policy/compare.js';
import { formatDocker, formatOci } from '../../profile/format.js';
import { toOci } from '../../profile/oci.js';
import type { Condition, Profile, ProfileRule } from '../../profile/profile.js';
import { readProfile } from '../../profile/read.js';
import { type FilterPrediction, type Prediction, predictWith } from '../predict.js';

/** A container's profile as it can be changed. */
export interface Editor {
  readonly profile: Profile;
  readonly layout: 'docker' | 'oci';
  /** Writes a changed profile, reads it as the engine reads a file, and walks the road with it. */
  readonly simulate: (changed: Profile) => Edit;
}

export interface Edit {
  /** The whole profile, in the editor's layout. */
  readonly text: string;
  readonly after: Prediction;
}

/** A name for the profile that is not written yet. */
const FILE = 'fixed.json';

/**
 * Opens the profile of a container for changes. A built-in default is taken as the text that its release would read
 * back to the same filter; where the release's own reader would lose something (old releases, and containerd, which reads
 * linux.seccomp only), what the default comes to in this container takes its place.
 */
export async function openProfile(before: FilterPrediction): Promise<Editor> {
  const { context, profile, oci, policy } = before;
  const { engine, seccomp } = context;
  const defaults = await loadDefaults(engine.name);
  const layout = seccomp.kind === 'oci' || engine.name === 'containerd' ? 'oci' : 'docker';
  const single = layout === 'docker' && !behaves(engine.name, engine.version, 'rule-names');
  const write = (changed: Profile): string =>
    layout === 'oci' ? formatOci(toOci(changed)) : formatDocker(single ? withSingleNames(changed) : changed);
  const simulate = (changed: Profile): Edit => {
    const text = write(changed);
    const read = readProfile(text, FILE, { dialect: layout });
    return { text, after: predictWith({ ...context, seccomp: choice(seccomp.kind, read) }, defaults) };
  };
  const resolved: Editor = { profile: fromOci(oci, profile, layout), layout, simulate };
  if (layout === 'oci') return resolved;
  if (seccomp.kind !== 'default') return { profile, layout, simulate };
  const again = simulate(profile).after;
  const same = again.kind === 'filter' && comparePolicies(policy, again.policy).length === 0;
  return same ? { profile, layout, simulate } : resolved;
}

function choice(kind: Context['seccomp']['kind'], profile: Profile): Context['seccomp'] {
  return kind === 'oci' ? { kind, profile } : { kind: 'profile', profile };
}

const NO_CONDITION: Condition = { caps: [], arches: [] };

/** What an engine has made of a profile, as a profile without conditions. */
function fromOci({ syscalls, ...head }: OciSeccomp, { source }: Profile, dialect: 'docker' | 'oci'): Profile {
  return {
    ...head,
    dialect,
    source,
    archMap: [],
    rules: syscalls.map(({ names, action, errnoRet, args }) =>
      newRule(names, action, { args, ...(errnoRet === undefined ? {} : { errnoRet }) }),
    ),
    notes: [],
    locate: () => undefined,
  };
}

/** A rule without conditions on the container. */
export function newRule(
  names: readonly string[],
  action: string,
  more: Partial<ProfileRule> = {},
): ProfileRule {
  return { names, action, args: [], includes: NO_CONDITION, excludes: NO_CONDITION, ...more };
}

/** Docker before 1.13 reads one `name` a rule. */
function withSingleNames(profile: Profile): Profile {
  const rules = profile.rules.flatMap((rule) =>
    rule.names.length === 0 ? [rule] : rule.names.map((name) => ({ ...rule, name, names: [] })),
  );
  return { ...profile, rules };
}

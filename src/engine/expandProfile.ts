import type { OciArg } from '../profile/argument.js';
import type { Condition, Profile, ProfileRule } from '../profile/profile.js';
import type {
  StoredArg,
  StoredCondition,
  StoredEdit,
  StoredHead,
  StoredProfile,
  StoredRule,
} from './storedProfile.js';

/** A stored profile with every difference applied. */
export interface FullProfile {
  readonly head: StoredHead;
  readonly rules: readonly StoredRule[];
}

export type StoredProfiles = Readonly<Record<string, StoredProfile>>;

/**
 * Applies the chain of differences that leads to profile `id`.
 *
 * @param done profiles that earlier calls came by; this one's are added
 */
export function expandStored(
  profiles: StoredProfiles,
  id: string,
  done: Map<string, FullProfile> = new Map(),
): FullProfile {
  const known = done.get(id);
  if (known !== undefined) return known;
  const stored = profiles[id];
  if (stored === undefined) throw new RangeError(`no profile "${id}" is stored`);
  const base = stored.base === undefined ? undefined : expandStored(profiles, stored.base, done);
  const head = stored.head ?? base?.head;
  if (head === undefined) throw new RangeError(`profile "${id}" has neither head nor base`);
  const rules = stored.rules.flatMap((entry): readonly StoredRule[] => {
    if ('keep' in entry) return (base?.rules ?? []).slice(entry.keep[0], entry.keep[1] + 1);
    if (!('edit' in entry)) return [entry];
    const rule = base?.rules[entry.edit];
    if (rule === undefined) throw new RangeError(`profile "${id}" edits a rule that its base lacks`);
    return [{ ...rule, names: editNames(rule.names, entry) }];
  });
  const full = { head, rules };
  done.set(id, full);
  return full;
}

function editNames(names: readonly string[], edit: StoredEdit): readonly string[] {
  const result: string[] = [];
  let next = 0;
  for (const [at, remove, insert] of edit.names) {
    result.push(...names.slice(next, at), ...insert);
    next = at + remove.length;
    if (remove.some((name, index) => names[at + index] !== name)) {
      throw new RangeError(`an edit removes "${remove.join(' ')}" where the base has other names`);
    }
  }
  return [...result, ...names.slice(next)];
}

/** The profile as its text would read, in the layout of Docker's profiles. */
export function toProfile({ head, rules }: FullProfile, source: string): Profile {
  return {
    dialect: 'docker',
    source,
    defaultAction: head.defaultAction,
    ...(head.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: head.defaultErrnoRet }),
    ...(head.defaultErrno === undefined ? {} : { defaultErrno: head.defaultErrno }),
    architectures: head.architectures ?? [],
    archMap: (head.archMap ?? []).map(([architecture, ...subArchitectures]) => ({
      architecture,
      subArchitectures,
    })),
    rules: rules.flatMap(toRules),
    notes: [],
    locate: () => undefined,
  };
}

function toRules(stored: StoredRule): readonly ProfileRule[] {
  const rule: ProfileRule = {
    names: stored.names,
    action: stored.action,
    ...(stored.errnoRet === undefined ? {} : { errnoRet: stored.errnoRet }),
    ...(stored.errno === undefined ? {} : { errno: stored.errno }),
    args: (stored.args ?? []).map(toArg),
    includes: toCondition(stored.includes),
    excludes: toCondition(stored.excludes),
  };
  if (stored.single === undefined) return [rule];
  return stored.names.map((name) => ({ ...rule, name, names: [] }));
}

function toArg([index, op, value, valueTwo = 0]: StoredArg): OciArg {
  return { index, value: BigInt(value), valueTwo: BigInt(valueTwo), op };
}

function toCondition({ caps = [], arches = [], minKernel }: StoredCondition = {}): Condition {
  return { caps, arches, ...(minKernel === undefined ? {} : { minKernel }) };
}

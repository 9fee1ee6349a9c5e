import type { Position } from '../error.js';
import type { OciArg } from './argument.js';
import type { Condition, Profile, ProfileRule } from './profile.js';

/** A customised profile moved from one default to another. */
export interface Updated {
  /** Ours, with its order and grouping, and theirs where ours said what the old default said. */
  readonly profile: Profile;
  /** Calls and fields whose new default was taken over. */
  readonly taken: readonly string[];
  /** Calls and fields that differ from the old default and stay so. */
  readonly kept: readonly string[];
  /** What both sides changed, each in another way. Ours stays. */
  readonly conflicts: readonly Conflict[];
}

/** A call that both sides changed, each in another way. */
export interface Conflict {
  /** A call, or a field of the profile. */
  readonly what: string;
  /** What each side says, rule by rule; empty: nothing. */
  readonly old: readonly string[];
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
  /** Where ours says it; absent where it says nothing. */
  readonly at?: Position;
}

/**
 * Three-way update: `ours` was made from `old`, and is to follow to `theirs`. The unit is a call with all its rules, so a
 * call that only one side changed has that side's rules, and where both only added values to allow, it has all of them.
 *
 * @example updateProfile(profile, profile, profile).conflicts // []
 */
export function updateProfile(ours: Profile, old: Profile, theirs: Profile): Updated {
  const [mine, base, next] = [rulesByCall(ours), rulesByCall(old), rulesByCall(theirs)];
  const edits: Edit[] = [];
  const [taken, kept, conflicts]: [string[], string[], Conflict[]] = [[], [], []];
  const none: Rules = new Map();
  for (const name of new Set([...base.keys(), ...next.keys(), ...mine.keys()])) {
    const [o, n, m] = [base.get(name) ?? none, next.get(name) ?? none, mine.get(name) ?? none];
    if (same(m, n)) continue;
    const result = same(o, n) ? m : same(m, o) ? n : bothAdded(o, n, m);
    if (result === undefined) conflicts.push(conflictOver(name, o, n, m, ours));
    else if (result === m) kept.push(name);
    else {
      taken.push(name);
      edits.push({ name, before: m, after: result });
    }
  }
  const head = updateHead(ours, old, theirs);
  return {
    profile: { ...head.profile, rules: edited(ours.rules, edits), notes: [], locate: () => undefined },
    taken: [...head.taken, ...taken],
    kept: [...head.kept, ...kept],
    conflicts: [...head.conflicts, ...conflicts],
  };
}

/** A call's rules by what they say. */
type Rules = ReadonlyMap<string, ProfileRule>;

interface Edit {
  readonly name: string;
  readonly before: Rules;
  readonly after: Rules;
}

const namesOf = ({ name, names }: ProfileRule): readonly string[] =>
  name === undefined || name === '' ? names : [name, ...names];

function rulesByCall({ rules }: Profile): ReadonlyMap<string, Rules> {
  const found = new Map<string, Map<string, ProfileRule>>();
  for (const rule of rules)
    for (const name of namesOf(rule)) {
      const own = found.get(name) ?? new Map<string, ProfileRule>();
      found.set(name, own);
      own.set(ruleWords(rule), rule);
    }
  return found;
}

/** What a rule says, whichever calls it is for: the order of comparisons and of capabilities means nothing. */
function ruleWords({ action, errnoRet, errno, args, includes, excludes }: ProfileRule): string {
  // EPERM is what runtimes put where a rule names no errno.
  const number = errnoRet === undefined || errnoRet === 1 ? [] : [`errno ${errnoRet}`];
  return [
    action,
    ...number,
    ...(errno === undefined || errno === 'EPERM' ? [] : [errno]),
    ...args.map(comparison).sort(),
    ...conditionWords('with', includes),
    ...conditionWords('without', excludes),
  ].join(', ');
}

function comparison({ index, op, value, valueTwo }: OciArg): string {
  const word = op.replace('SCMP_CMP_', '');
  return word === 'MASKED_EQ'
    ? `argument ${index} & ${value} EQ ${valueTwo}`
    : `argument ${index} ${word} ${value}`;
}

function conditionWords(word: string, { caps, arches, minKernel }: Condition): readonly string[] {
  return [
    ...caps.toSorted(),
    ...arches.toSorted(),
    ...(minKernel === undefined ? [] : [`kernel ${minKernel}`]),
  ].map((each) => `${word} ${each}`);
}

function same(one: Rules, other: Rules): boolean {
  return one.size === other.size && [...one.keys()].every((key) => other.has(key));
}

/** All rules, where both sides only added some, of one action and with comparisons, to those that were there. */
function bothAdded(old: Rules, theirs: Rules, ours: Rules): Rules | undefined {
  const all = new Map([...ours, ...theirs]);
  const added = [...all].filter(([key]) => !old.has(key)).map(([, rule]) => rule);
  const removed = [...old.keys()].some((key) => !theirs.has(key) || !ours.has(key));
  const [first] = added;
  const alike = added.every(({ action, args }) => action === first?.action && args.length > 0);
  return removed || !alike ? undefined : all;
}

function conflictOver(what: string, old: Rules, theirs: Rules, ours: Rules, profile: Profile): Conflict {
  const rule = profile.rules.findIndex((one) => namesOf(one).includes(what));
  const index = profile.rules[rule]?.names.indexOf(what) ?? -1;
  const at =
    rule < 0
      ? undefined
      : profile.locate(index < 0 ? ['syscalls', rule, 'name'] : ['syscalls', rule, 'names', index]);
  return {
    what,
    old: [...old.keys()],
    theirs: [...theirs.keys()],
    ours: [...ours.keys()],
    ...(at === undefined ? {} : { at }),
  };
}

function edited(rules: readonly ProfileRule[], edits: readonly Edit[]): readonly ProfileRule[] {
  const gone = new Set<string>();
  const coming = new Map<string, { rule: ProfileRule; names: string[] }>();
  for (const { name, before, after } of edits) {
    for (const key of before.keys()) if (!after.has(key)) gone.add(`${name} ${key}`);
    for (const [key, rule] of after) {
      if (before.has(key)) continue;
      const group = coming.get(key) ?? { rule, names: [] };
      coming.set(key, group);
      group.names.push(name);
    }
  }
  const kept = rules.flatMap((rule) => {
    const key = ruleWords(rule);
    if (rule.names.length === 0) return gone.has(`${rule.name} ${key}`) ? [] : [rule];
    const names = rule.names.filter((name) => !gone.has(`${name} ${key}`));
    // Several rules may say the same; the first one takes the new names.
    const added = rule.name === undefined ? coming.get(key)?.names : undefined;
    if (added === undefined)
      return names.length === 0 ? [] : [names.length === rule.names.length ? rule : { ...rule, names }];
    coming.delete(key);
    return [{ ...rule, names: withNames(names, added) }];
  });
  const fresh = [...coming.values()].map(
    ({ rule: { name: _, ...rule }, names }): ProfileRule => ({
      ...rule,
      names,
    }),
  );
  return [...kept, ...fresh];
}

/** In alphabetical order where the names were in it. */
function withNames(names: readonly string[], added: readonly string[]): readonly string[] {
  const ordered = names.every((name, index) => index === 0 || (names[index - 1] ?? '') <= name);
  return ordered ? [...names, ...added].sort() : [...names, ...added];
}

const FIELDS = [
  'defaultAction',
  'defaultErrnoRet',
  'defaultErrno',
  'architectures',
  'archMap',
  'flags',
  'listenerPath',
  'listenerMetadata',
] as const satisfies readonly (keyof Profile)[];

function updateHead(ours: Profile, old: Profile, theirs: Profile): Updated {
  let profile = ours;
  const [taken, kept, conflicts]: [string[], string[], Conflict[]] = [[], [], []];
  for (const field of FIELDS) {
    const [m, o, n] = [ours, old, theirs].map((each) => fieldWords(field, each[field]));
    if (m === n) continue;
    if (o === n) kept.push(field);
    else if (m === o) {
      taken.push(field);
      const { [field]: _, ...rest } = profile;
      profile = { ...rest, ...(theirs[field] === undefined ? {} : { [field]: theirs[field] }) } as Profile;
    } else {
      const at = ours.locate([field]);
      const said = (words: string | undefined): readonly string[] => (words === undefined ? [] : [words]);
      conflicts.push({
        what: field,
        old: said(o),
        theirs: said(n),
        ours: said(m),
        ...(at === undefined ? {} : { at }),
      });
    }
  }
  return { profile, taken, kept, conflicts };
}

function fieldWords(field: (typeof FIELDS)[number], value: unknown): string | undefined {
  if (value === undefined || (field === 'defaultErrnoRet' && value === 1)) return undefined;
  if (Array.isArray(value)) {
    // An empty list of flags means something else than none; others do not.
    if (value.length === 0 && field !== 'flags') return undefined;
    return JSON.stringify(value.map((each) => JSON.stringify(each)).sort());
  }
  return String(value);
}

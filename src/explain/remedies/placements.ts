import type { Profile, ProfileRule } from '../../profile/profile.js';

/** A profile with rules brought in, and how. */
export interface Placement {
  readonly profile: Profile;
  /** After "one rule": where it went, and what had to go for it. */
  readonly where: string;
}

/**
 * Ways to bring rules into a profile, the plainest first. Which of them takes effect is for a simulation to say:
 * libseccomp refuses some rules beside each other, ignores others behind an unconditional one, and runtimes drop a
 * rule with the default action.
 *
 * @param added rules of one action
 */
export function* placements(profile: Profile, added: readonly ProfileRule[]): Iterable<Placement> {
  const with_ = (rules: readonly ProfileRule[], where: string): Placement => ({
    // Positions were those of another text.
    profile: { ...profile, rules, locate: () => undefined },
    where,
  });
  yield with_([...added, ...profile.rules], "in front of the profile's");
  yield with_([...profile.rules, ...added], "behind the profile's");
  const opposed = (rule: ProfileRule): boolean => added[0] !== undefined && rule.action !== added[0].action;
  if (added.every(({ args }) => args.length === 0)) {
    const names = new Set(added.flatMap((rule) => rule.names));
    const rest = without(profile.rules, names, opposed);
    yield with_([...added, ...rest], 'in place of those that the profile has for it');
    yield with_(rest, 'less: the one that the profile has for it');
    return;
  }
  const spared = profile.rules.flatMap((rule) => (opposed(rule) ? sparing(rule, added) : [rule]));
  yield with_([...added, ...spared], "in front of the profile's, whose own rule spares these arguments");
  yield with_(spared, "changed: the profile's own spares these arguments");
}

/** Rules without some names, where the test says so; rules that had no other names go. */
export function without(
  rules: readonly ProfileRule[],
  names: ReadonlySet<string>,
  where: (rule: ProfileRule) => boolean,
): readonly ProfileRule[] {
  return rules.flatMap((rule) => {
    if (!where(rule)) return [rule];
    if (rule.name !== undefined && names.has(rule.name)) return [];
    const left = rule.names.filter((name) => !names.has(name));
    if (left.length === rule.names.length) return [rule];
    return left.length === 0 ? [] : [{ ...rule, names: left }];
  });
}

/** An unconditional rule with the opposite of each added comparison put to it. */
function sparing(rule: ProfileRule, added: readonly ProfileRule[]): readonly ProfileRule[] {
  if (rule.args.length > 0) return [rule];
  const touched = added.filter(({ names }) =>
    names.some((name) => name === rule.name || rule.names.includes(name)),
  );
  if (touched.length === 0) return [rule];
  const names = new Set(touched.flatMap((one) => one.names));
  const spared = touched.flatMap(({ names: own, args }) =>
    args
      .filter(({ op }) => op === 'SCMP_CMP_EQ')
      .map((arg): ProfileRule => {
        const { name: _, ...rest } = rule;
        return { ...rest, names: own, args: [{ ...arg, op: 'SCMP_CMP_NE' }] };
      }),
  );
  return [...without([rule], names, () => true), ...spared];
}

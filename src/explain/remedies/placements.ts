import type { OciArg } from '../../profile/argument.js';
import type { Profile, ProfileRule } from '../../profile/profile.js';

/** A profile with rules brought in, and how. */
export interface Placement {
  readonly profile: Profile;
  /** In words; with `adds`, after "one rule". */
  readonly how: string;
  /** The rules themselves are in the profile; else its own rules make way for them, which is enough. */
  readonly adds: boolean;
}

/**
 * Ways to bring rules into a profile, the plainest first. Which of them takes effect is for a simulation to say:
 * libseccomp refuses some rules beside each other, ignores others behind an unconditional one, and runtimes drop a
 * rule with the default action.
 *
 * @param added rules of one action
 */
export function placements(profile: Profile, added: readonly ProfileRule[]): readonly Placement[] {
  // Positions were those of another text.
  const placed = (rules: readonly ProfileRule[], adds: boolean, how: string): Placement => ({
    profile: { ...profile, rules, locate: () => undefined },
    adds,
    how,
  });
  const action = added[0]?.action;
  const opposed = (rule: ProfileRule): boolean => rule.action !== action;
  const always = added.every(({ args }) => args.length === 0);
  const names = new Set(added.flatMap((rule) => rule.names));
  const cleared = always
    ? without(profile.rules, names, opposed)
    : profile.rules.flatMap((rule) => (opposed(rule) ? sparing(rule, added) : [rule]));
  const instead = always
    ? 'in place of what the profile has for it'
    : "in front of the profile's, whose own rule spares these arguments";
  const beside = [
    placed([...added, ...profile.rules], true, "in front of the profile's"),
    placed([...profile.rules, ...added], true, "behind the profile's"),
    placed([...added, ...cleared], true, instead),
  ];
  const alone = placed(
    cleared,
    false,
    always ? "taken out of the profile's own rules" : "the profile's own rule spares these arguments",
  );
  // Where the default action is the rules' own, they say nothing, and old releases of runc refuse them.
  return profile.defaultAction === action ? [alone, ...beside] : [...beside, alone];
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

/** A rule without what the added ones say: an unconditional one gets the opposite of each comparison, an equal one goes. */
function sparing(rule: ProfileRule, added: readonly ProfileRule[]): readonly ProfileRule[] {
  const touched = added.filter(({ names }) =>
    names.some((name) => name === rule.name || rule.names.includes(name)),
  );
  if (touched.length === 0) return [rule];
  if (rule.args.length > 0) {
    const equal = touched.filter(({ args }) => sameComparisons(args, rule.args));
    return without([rule], new Set(equal.flatMap((one) => one.names)), () => true);
  }
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

function sameComparisons(left: readonly OciArg[], right: readonly OciArg[]): boolean {
  const words = (args: readonly OciArg[]): string =>
    args
      .map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo}`)
      .sort()
      .join();
  return words(left) === words(right);
}

import { sameAction } from '../../policy/action.js';
import type { ResolvedRule } from '../../runtime/result.js';
import { namesIn, originOf } from '../names.js';
import type { LintRule, RawFinding } from '../rule.js';

/** A name whose rule never comes to anything, because a rule with another action wins on every architecture. */
export const shadowedRule: LintRule = {
  id: 'shadowed-rule',
  level: 'warning',
  title: 'Another rule for the call makes this one void',
  check: ({ filter }) => {
    if (filter === undefined) return [];
    const { oci, profile, runtime } = filter;
    const winners = new Map<string, ResolvedRule>();
    const groups = new Map<string, ResolvedRule[]>();
    for (const rule of runtime.rules) {
      const key = `${rule.rule} ${rule.name}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [rule]);
      else group.push(rule);
      if (rule.outcome === 'applied' && rule.conditions.length === 0) winners.set(placeOf(rule), rule);
    }
    const places = new Map(namesIn(profile).map((place) => [`${place.index} ${place.name}`, place.path]));
    return [...groups.values()].flatMap((group): readonly RawFinding[] => {
      const real = group.filter(({ outcome }) => outcome !== 'not-on-abi');
      const lost = real.find((rule) => isOverruled(rule, winners.get(placeOf(rule))));
      if (lost === undefined || real.some(({ outcome }) => outcome === 'applied')) return [];
      const winner = winners.get(placeOf(lost));
      const path = places.get(`${originOf(oci, lost.rule)} ${lost.name}`);
      const by = winner === undefined ? '' : `: syscalls[${originOf(oci, winner.rule)}], `;
      const text = `this rule for ${lost.name} has no effect${by}${
        lost.outcome === 'shadowed'
          ? 'an earlier rule without conditions, wins'
          : 'a later rule without conditions, takes its place'
      }`;
      return [{ text, ...(path === undefined ? {} : { path }) }];
    });
  },
};

const placeOf = ({ abi, number }: ResolvedRule): string => `${abi} ${number}`;

/** A rule that loses to one with the same action loses nothing. */
function isOverruled(rule: ResolvedRule, winner: ResolvedRule | undefined): boolean {
  if (rule.outcome !== 'shadowed' && rule.outcome !== 'replaced') return false;
  return winner === undefined || !sameAction(rule.action, winner.action);
}

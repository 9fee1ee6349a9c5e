import { opens } from '../../explain/opens.js';
import type { Profile } from '../../profile/profile.js';
import { purposeOf } from '../../syscalls/purpose.js';
import { placesByName } from '../names.js';
import { outcomeOf } from '../outcome.js';
import type { LintRule, RawFinding } from '../rule.js';

/** A rule that lets a call run, or run with more arguments, that Docker's newest default keeps from the same container. */
export const dangerousAllow: LintRule = {
  id: 'dangerous-allow',
  level: 'warning',
  title: 'A rule allows a call that reaches far beyond the container',
  check: ({ profile, filter, reference, context }) => {
    const list = profile.defaultAction === 'SCMP_ACT_ALLOW' || profile.defaultAction === 'SCMP_ACT_LOG';
    if (list || filter === undefined || reference === undefined) return [];
    const places = placesByName(profile);
    return opens(reference, filter, context.arch).flatMap((name): readonly RawFinding[] => {
      const risk = purposeOf(name)?.risk;
      const place = places
        .get(name)
        ?.find(({ rule }) => rule.action === 'SCMP_ACT_ALLOW' || rule.action === 'SCMP_ACT_LOG');
      if (risk === undefined || place === undefined) return [];
      const caps = capabilitiesFor(reference.profile, name);
      const gate = caps === undefined ? '' : `; ${reference.profile.source} allows it with ${caps} only`;
      const restricted = outcomeOf(reference.policy, name, context.arch)?.kind === 'conditional';
      const how = restricted ? `allowed with arguments that ${reference.profile.source} refuses` : 'allowed';
      return [{ path: place.path, text: `${name} is ${how}: ${risk}${gate}` }];
    });
  },
};

/** Capabilities that a profile asks for before it allows a call. */
function capabilitiesFor({ rules }: Profile, name: string): string | undefined {
  const sets = rules
    .filter((rule) => rule.action === 'SCMP_ACT_ALLOW' && rule.names.includes(name))
    .map(({ includes }) => includes.caps.join(' and '));
  return sets.length === 0 || sets.includes('') ? undefined : sets.join(' or ');
}

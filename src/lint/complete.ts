import { CallgateError } from '../error.js';
import type { Profile, ProfileRule } from '../profile/profile.js';

/**
 * The profile with calls allowed that it denies: one rule in front of the others, as the first unconditional rule for a
 * call is the one that libseccomp keeps.
 */
export function allowing(profile: Profile, calls: readonly string[]): Profile {
  if (calls.length === 0) return profile;
  if (profile.defaultAction === '') {
    throw new CallgateError('INPUT', 'a profile without defaultAction cannot be completed', {
      hint: 'say what happens to the calls that it does not name',
    });
  }
  const rule: ProfileRule = {
    names: calls,
    action: 'SCMP_ACT_ALLOW',
    args: [],
    includes: { caps: [], arches: [] },
    excludes: { caps: [], arches: [] },
  };
  return { ...profile, rules: [rule, ...profile.rules], locate: () => undefined };
}

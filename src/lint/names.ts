import type { OciSeccomp } from '../engine/oci.js';
import type { Profile, ProfileRule } from '../profile/profile.js';
import type { Path } from './document.js';

/** One name of one rule. */
export interface NamePlace {
  readonly name: string;
  /** Index in the profile's `syscalls`. */
  readonly index: number;
  readonly rule: ProfileRule;
  readonly path: Path;
}

/** Every name of every rule, in the profile's order. */
export function namesIn(profile: Profile): readonly NamePlace[] {
  return profile.rules.flatMap((rule, index): readonly NamePlace[] => [
    ...(rule.name === undefined || rule.name === ''
      ? []
      : [{ name: rule.name, index, rule, path: ['syscalls', index, 'name'] }]),
    ...rule.names.map((name, position) => ({
      name,
      index,
      rule,
      path: ['syscalls', index, 'names', position],
    })),
  ]);
}

/** The places by name. */
export function placesByName(profile: Profile): ReadonlyMap<string, readonly NamePlace[]> {
  const places = new Map<string, NamePlace[]>();
  for (const place of namesIn(profile)) {
    const list = places.get(place.name);
    if (list === undefined) places.set(place.name, [place]);
    else list.push(place);
  }
  return places;
}

/** The rule of the profile that an OCI rule came from. */
export function originOf(oci: OciSeccomp, rule: number): number {
  return oci.syscalls[rule]?.origin.rule ?? rule;
}

/** A list for a sentence, cut after some words. */
export function listed(words: readonly string[], most = 8): string {
  if (words.length <= most) return words.join(', ');
  return `${words.slice(0, most).join(', ')} and ${words.length - most} more`;
}

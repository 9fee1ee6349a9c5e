import type { Condition, Profile } from '../../profile/profile.js';
import { releaseHas } from '../../runtime/libseccomp/releases.js';
import type { AbiName } from '../../syscalls/abi.js';
import { libseccompReleases, resolvedNumber } from '../../syscalls/table.js';

/**
 * Tells which names move runc's ENOSYS stub when a rule names them: runc answers ENOSYS above the largest number of any
 * name. Rules with conditions do not count, because another container may not get them, and every libseccomp that knows
 * SCMP_ACT_NOTIFY does: a name that is below the limit with one may be above it with another, which does not know the
 * profile's newest names.
 */
export function stubKeeping(profile: Profile, abis: readonly AbiName[]): (name: string) => boolean {
  const named = profile.rules
    .filter(({ includes, excludes }) => !isCondition(includes) && !isCondition(excludes))
    .flatMap(({ name, names }) => (name === undefined ? names : [name]));
  const limits = libseccompReleases
    .filter((release) => releaseHas(release, 'notify'))
    .flatMap((release) =>
      abis.map((abi) => ({
        release,
        abi,
        largest: named.reduce((largest, name) => Math.max(largest, numberIn(name, abi, release)), 0),
      })),
    );
  return (name) => limits.some(({ release, abi, largest }) => numberIn(name, abi, release) > largest);
}

/** 0 for a name that has none, as setup has on s390; neither counts for the stub. */
function numberIn(name: string, abi: AbiName, release: string): number {
  const number = resolvedNumber(name, abi, release);
  return typeof number === 'number' ? number : 0;
}

const isCondition = ({ caps, arches, minKernel }: Condition): boolean =>
  caps.length + arches.length > 0 || minKernel !== undefined;

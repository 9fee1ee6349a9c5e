import { CallgateError } from '../error.js';
import type { Note } from '../profile/profile.js';
import { compareVersions } from '../versions.js';
import { upstreamVersion } from './packageVersion.js';

export interface ReleaseWord {
  /** What has the releases, for messages: `docker`, `libseccomp`. */
  readonly name: string;
  /** Every release that is known, in any order. */
  readonly known: readonly string[];
  /** The word as typed: a release, or the first numbers of one. */
  readonly word: string;
  /** Take the nearest older release for one that is not known. */
  readonly nearest: boolean;
}

export interface ChosenRelease {
  readonly version: string;
  readonly notes: readonly Note[];
}

const SHAPE = /^\d+(?:\.\d+)*(?:[-~]?(?:rc|alpha|beta|dev)[.\d]*|-ce|-[\w.]+)?$/;

/** Oldest first; releases before pre-releases do not matter to the newest, so pre-releases are told apart. */
export function sortedReleases(known: readonly string[]): readonly string[] {
  return [...known].sort(compareVersions);
}

const isStable = (version: string): boolean => /^\d+(\.\d+)*(-ce)?$/.test(version);

/** The newest release that is not a pre-release. */
export function newestRelease(known: readonly string[]): string | undefined {
  const sorted = sortedReleases(known);
  return sorted.findLast(isStable) ?? sorted.at(-1);
}

/**
 * The release that a word means: itself (`v` in front and `-ce` behind do not count), or the newest one that starts
 * with its numbers (`28` → 28.5.2), told in a note.
 *
 * @throws CallgateError `UNKNOWN`, naming the nearest releases; `USAGE` when the word is no version
 */
export function chooseRelease({ name, known, word, nearest }: ReleaseWord): ChosenRelease {
  const wanted = word.trim().replace(/^v(?=\d)/, '');
  const exact =
    known.find((version) => version === wanted) ??
    known.find((version) => version.replace(/-ce$/, '') === wanted.replace(/-ce$/, ''));
  if (exact !== undefined) return { version: exact, notes: [] };
  if (!SHAPE.test(wanted) || wanted.length > 64) {
    const upstream = upstreamVersion(wanted);
    throw new CallgateError('USAGE', `"${word}" is not a version of ${name}`, {
      expected: `such as ${newestRelease(known)}`,
      ...(upstream !== undefined && known.includes(upstream)
        ? { hint: `a package’s own numbers are left out: ${upstream}` }
        : {}),
    });
  }
  const inside = newestRelease(known.filter((version) => version.startsWith(`${wanted}.`)));
  if (inside !== undefined) {
    return {
      version: inside,
      notes: [{ kind: 'newest-of', text: `${name} ${wanted}: the newest release of it is ${inside}` }],
    };
  }
  const same = known.find((version) => compareVersions(version, wanted) === 0);
  if (same !== undefined) return { version: same, notes: [] };
  const sorted = sortedReleases(known);
  const older = sorted.findLast((version) => compareVersions(version, wanted) < 0);
  const newer = sorted.find((version) => compareVersions(version, wanted) > 0);
  if (nearest && older !== undefined) {
    return {
      version: older,
      notes: [
        {
          kind: 'nearest',
          text: `${name} ${wanted} is not known; ${older}, the nearest older release, stands for it`,
        },
      ],
    };
  }
  const near = [older, newer].filter((version) => version !== undefined);
  throw new CallgateError('UNKNOWN', `${name} ${wanted} is not known`, {
    expected: `a release from ${sorted[0]} to ${sorted.at(-1)}`,
    hint:
      older === undefined
        ? `the oldest one is ${near.join(', ')}`
        : near.length === 1
          ? `the newest one is ${older}; --nearest takes it`
          : `the nearest ones are ${near.join(' and ')}; --nearest takes ${older}`,
  });
}

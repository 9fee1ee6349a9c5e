import { join } from 'node:path/posix';
import type { FullProfile } from '../../src/engine/expandProfile.js';
import { readSnapshot } from '../snapshot.js';
import { canonicalRaw, digest } from './canonical.js';
import type { CapabilitySet } from './capabilitySets.js';
import { storeAll } from './difference.js';
import type { RawProfile } from './rawProfile.js';
import { toStored } from './store.js';

/** One release of an engine as its importer found it. */
export interface EngineRelease {
  readonly version: string;
  readonly date: string;
  readonly tag?: string;
  /** Profile file, relative to the snapshot's `profiles`; absent: the release has no default profile. */
  readonly file?: string;
  /** Where in the engine's repository the profile stands, in words. */
  readonly from: string;
  readonly capabilities: CapabilitySet | undefined;
}

/**
 * The stored form of an engine's defaults, and the digest of every release's profile, computed from the snapshot's
 * files alone.
 */
export async function engineFile(
  snapshot: string,
  repository: string,
  releases: readonly EngineRelease[],
): Promise<{ readonly facts: object; readonly digests: Readonly<Record<string, readonly string[]>> }> {
  const profiles = new Map<string, FullProfile>();
  const ids = new Map<string, string>();
  const digestOf = new Map<string, string>();
  for (const file of new Set(releases.flatMap((release) => release.file ?? []))) {
    const raw = await readSnapshot<RawProfile>(snapshot, join('profiles', file));
    const sum = digest(canonicalRaw(raw));
    const same = [...digestOf].find(([, other]) => other === sum);
    const id = same?.[0] ?? idOf(file);
    ids.set(file, id);
    if (same !== undefined) continue;
    if (digestOf.has(id)) throw new Error(`two profiles would be called ${id}`);
    digestOf.set(id, sum);
    profiles.set(id, toStored(raw));
  }
  const sets = [...new Set(releases.flatMap((release) => release.capabilities ?? []))];
  const digests: Record<string, string[]> = {};
  const rows = releases.map(({ version, date, tag, file, from, capabilities }) => {
    const profile = file === undefined ? undefined : ids.get(file);
    const sum = profile === undefined ? undefined : digestOf.get(profile);
    if (sum !== undefined) digests[sum] = [...(digests[sum] ?? []), version];
    return {
      version,
      date,
      ...(tag === undefined ? {} : { tag }),
      ...(profile === undefined ? {} : { profile }),
      from,
      ...(capabilities === undefined ? {} : { capabilities: sets.indexOf(capabilities) }),
    };
  });
  const capabilitySets = sets.map(({ capabilities, origin }) => ({ origin, capabilities }));
  return { facts: { repository, capabilitySets, releases: rows, profiles: storeAll(profiles) }, digests };
}

/** `docker/29.4.3.json` → `29.4.3`; profiles of other directories keep their directory in a reader's sight. */
function idOf(file: string): string {
  return file.replace(/\.json$/, '').replace('/', ':');
}

import { CallgateError } from '../error.js';
import type { Profile } from '../profile/profile.js';
import type { EngineName } from './context.js';
import { expandStored, type FullProfile, type StoredProfiles, toProfile } from './expandProfile.js';

/** A release of an engine. */
export interface EngineRelease {
  readonly version: string;
  /** Day of the tag, ISO 8601. */
  readonly date: string;
  readonly tag?: string;
  /** Repository, tag and place of the default profile. */
  readonly source: string;
}

/** What an engine has built in, release by release. */
export interface EngineDefaults {
  /** In the order of the data: by branch, oldest first. */
  readonly releases: readonly EngineRelease[];
  /**
   * The default profile as that release applies it. Undefined for a release without any (Buildah before 0.14).
   *
   * @throws CallgateError UNKNOWN for a version that is not among the releases
   */
  readonly profile: (version: string) => Profile | undefined;
  /** The same word for releases with the same default profile. */
  readonly profileId: (version: string) => string | undefined;
  /**
   * Capabilities of a container that asks for none, in the kernel's order. Undefined where it is not established.
   *
   * @throws CallgateError UNKNOWN for a version that is not among the releases
   */
  readonly defaultCapabilities: (version: string) => readonly string[] | undefined;
}

interface EngineFile {
  readonly repository: string;
  readonly capabilitySets: readonly { readonly capabilities: readonly string[] }[];
  readonly releases: readonly StoredRelease[];
  readonly profiles: StoredProfiles;
}

interface StoredRelease {
  readonly version: string;
  readonly date: string;
  readonly tag?: string;
  readonly profile?: string;
  readonly from: string;
  readonly capabilities?: number;
}

const loaded = new Map<EngineName, Promise<EngineDefaults>>();

/**
 * Loads the releases and default profiles of one engine; the data of the others stays on disk.
 *
 * @example (await loadDefaults('docker')).profile('20.10.9')?.rules.length
 */
export function loadDefaults(engine: EngineName): Promise<EngineDefaults> {
  const known = loaded.get(engine);
  if (known !== undefined) return known;
  const defaults = file(engine).then((json) => defaultsOf(engine, json));
  loaded.set(engine, defaults);
  return defaults;
}

/** One literal import for each engine, so that a bundler makes a chunk of each. */
async function file(engine: EngineName): Promise<EngineFile> {
  switch (engine) {
    case 'docker':
      return checked(await import('../../data/engines/docker.json', { with: { type: 'json' } }));
    case 'podman':
      return checked(await import('../../data/engines/podman.json', { with: { type: 'json' } }));
    case 'buildah':
      return checked(await import('../../data/engines/buildah.json', { with: { type: 'json' } }));
    case 'containerd':
      return checked(await import('../../data/engines/containerd.json', { with: { type: 'json' } }));
    case 'cri-o':
      return checked(await import('../../data/engines/cri-o.json', { with: { type: 'json' } }));
  }
}

/** The compiler infers tuples of the data as arrays; the import script wrote them from the types named here. */
function checked(module: { readonly default: unknown }): EngineFile {
  return module.default as EngineFile;
}

function defaultsOf(engine: EngineName, json: EngineFile): EngineDefaults {
  const rows = new Map(json.releases.map((release) => [release.version, release]));
  const profiles = new Map<string, Profile>();
  const full = new Map<string, FullProfile>();
  const row = (version: string): StoredRelease => {
    const found = rows.get(version);
    if (found !== undefined) return found;
    throw new CallgateError('UNKNOWN', `${engine} ${version} is not known`, {
      expected: `a release from ${json.releases[0]?.version} to ${json.releases.at(-1)?.version}`,
    });
  };
  return {
    releases: json.releases.map(({ version, date, tag, from }) => ({
      version,
      date,
      ...(tag === undefined ? {} : { tag }),
      source: `${json.repository} ${tag ?? version} ${from}`,
    })),
    profile: (version) => {
      const { profile: id } = row(version);
      if (id === undefined) return undefined;
      const known = profiles.get(version);
      if (known !== undefined) return known;
      const profile = toProfile(expandStored(json.profiles, id, full), `${engine}@${version}`);
      profiles.set(version, profile);
      return profile;
    },
    profileId: (version) => row(version).profile,
    defaultCapabilities: (version) => {
      const { capabilities } = row(version);
      return capabilities === undefined ? undefined : json.capabilitySets[capabilities]?.capabilities;
    },
  };
}

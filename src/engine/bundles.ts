import json from '../../data/bundles.json' with { type: 'json' };
import { compareVersions } from '../versions.js';
import type { EngineName, RuntimeName } from './context.js';

/** The parts that an engine's release was built with; what is absent is not known. */
export interface Bundle {
  readonly containerd?: string;
  readonly runc?: string;
  readonly crun?: string;
  /** Upstream release that the runtime's own release binary links. Distributions link their own. */
  readonly libseccomp?: string;
  /** Set when the part is a commit after the release that is named: `1.0.0-rc4-205-g9f9c96235`. */
  readonly containerdBuild?: string;
  readonly runcBuild?: string;
  readonly source: string;
}

interface Row {
  readonly version: string;
  readonly containerd?: string;
  readonly containerdBuild?: string;
  readonly runc?: string;
  readonly runcBuild?: string;
  readonly from?: string;
}

/** A release of a low-level runtime. */
export interface RuntimeRelease {
  readonly version: string;
  /** Day of the tag, ISO 8601. */
  readonly date: string;
  readonly libseccomp?: string;
  readonly from?: string;
}

const NOTHING: Bundle = { source: 'this engine uses the runtime that the host has' };

/**
 * What an engine's own build of a release brings along. Podman, Buildah and CRI-O bring no runtime: they use the host's.
 *
 * @example bundledWith('docker', '20.10.9').runc // '1.0.1'
 */
export function bundledWith(engine: EngineName, version: string): Bundle {
  if (engine !== 'docker' && engine !== 'containerd') return NOTHING;
  const rows: readonly Row[] = json[engine];
  const row = rows.find((candidate) => candidate.version === version);
  const source = json.origin[engine];
  if (row === undefined) return { source };
  const libseccomp = row.runc === undefined ? undefined : libseccompOf('runc', row.runc);
  return {
    ...(row.containerd === undefined ? {} : { containerd: row.containerd }),
    ...(row.containerdBuild === undefined ? {} : { containerdBuild: row.containerdBuild }),
    ...(row.runc === undefined ? {} : { runc: row.runc }),
    ...(row.runcBuild === undefined ? {} : { runcBuild: row.runcBuild }),
    ...(libseccomp === undefined ? {} : { libseccomp }),
    source: row.from === undefined ? source : `${source} (${row.from})`,
  };
}

/**
 * The release of this engine whose runc stands for an unknown one: the nearest older one that says, else the next one.
 *
 * @example bundledNear('docker', '17.03.2-ce') // { version: '1.12.2', runc: '1.0.0-rc2' }
 */
export function bundledNear(
  engine: EngineName,
  version: string,
): { readonly version: string; readonly runc: string } | undefined {
  if (engine !== 'docker' && engine !== 'containerd') return undefined;
  const rows: readonly Row[] = json[engine];
  const says = ({ runc }: Row): boolean => runc !== undefined;
  const older = rows.findLast((row) => says(row) && compareVersions(row.version, version) < 0);
  const row = older ?? rows.find(says);
  return row?.runc === undefined ? undefined : { version: row.version, runc: row.runc };
}

/** Every release of a runtime, as the data orders them: oldest version first. */
export function runtimeReleases(runtime: RuntimeName): readonly RuntimeRelease[] {
  if (runtime === 'runsc') return [];
  return json[runtime];
}

/** The libseccomp that the runtime's own release binary links, where it says so. */
export function libseccompOf(runtime: RuntimeName, version: string): string | undefined {
  return runtimeReleases(runtime).find((release) => release.version === version)?.libseccomp;
}

/** What a distribution's release packages; what is absent is not known. */
export interface Distribution {
  readonly distro: string;
  readonly version: string;
  readonly docker?: string;
  readonly containerd?: string;
  readonly runc?: string;
  readonly crun?: string;
  readonly podman?: string;
  readonly buildah?: string;
  readonly libseccomp?: string;
  readonly libc?: string;
  readonly kernel?: string;
  readonly evidence?: string;
}

/** Package versions as the distribution writes them (`1.1.5+ds1-1+deb12u1`). */
export const distros: readonly Distribution[] = json.distros;

import { CallgateError } from '../error.js';
import { nearestWords } from '../syscalls/nearest.js';
import { type Distribution, distros } from './bundles.js';
import type { PackageSet } from './packages.js';
import { versionsIn } from './packageVersion.js';

/** A distribution's release as a target names it: `debian@12`. */
export interface DistroWord {
  readonly name: string;
  readonly version: string;
}

/** A row is for several distributions with the same packages: `RHEL/Rocky` is `rhel` and `rocky`. */
function wordsOf({ distro }: Distribution): readonly string[] {
  return distro.split('/').map((name) => name.toLowerCase().replaceAll(' ', ''));
}

/** `sid (November 2026)` is `sid`. */
function versionOf({ version }: Distribution): string {
  return version.replace(/ .*/, '');
}

export const distroWords: readonly string[] = [...new Set(distros.flatMap(wordsOf))];

/** Every release that {@link distroPackages} knows, as a target names it. */
export const distroTargets: readonly string[] = distros.flatMap((row) =>
  wordsOf(row).map((name) => `${name}@${versionOf(row)}`),
);

/**
 * What a distribution's release packages.
 *
 * @throws CallgateError `UNKNOWN` for a release that the data does not hold
 */
export function distroPackages({ name, version }: DistroWord): PackageSet {
  const rows = distros.filter((row) => wordsOf(row).includes(name));
  const row = rows.find((candidate) => versionOf(candidate) === version);
  if (row === undefined) {
    const known = rows.map((candidate) => `${name}@${versionOf(candidate)}`);
    const [near] = nearestWords(`${name}@${version}`, known);
    throw new CallgateError('UNKNOWN', `${name} ${version} is not known`, {
      expected: `one of ${known.join(', ')}`,
      ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
    });
  }
  const { evidence } = row;
  /** Updates stand after what was there at the release. */
  const last = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : versionsIn(text).at(-1);
  const kernel = row.kernel === undefined ? undefined : versionsIn(row.kernel)[0];
  return {
    name: `${row.distro} ${row.version}`,
    versions: defined({
      docker: last(row.docker),
      podman: last(row.podman),
      buildah: last(row.buildah),
      containerd: last(row.containerd),
      runc: last(row.runc),
      crun: last(row.crun),
      libseccomp: last(row.libseccomp),
      linux: kernel,
    }),
    complete: false,
    ...(evidence === undefined ? {} : { source: evidence }),
  };
}

function defined(versions: Readonly<Record<string, string | undefined>>): PackageSet['versions'] {
  return Object.fromEntries(Object.entries(versions).filter(([, version]) => version !== undefined));
}

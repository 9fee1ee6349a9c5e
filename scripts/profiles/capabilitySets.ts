import { compareVersions } from '../../src/versions.js';

/** A default capability list with the versions that have it. */
export interface CapabilitySet {
  readonly from: string;
  /** Inclusive. */
  readonly to: string;
  readonly capabilities: readonly string[];
  readonly origin: string;
}

const DOCKER = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SYS_CHROOT',
  'CAP_MKNOD',
  'CAP_AUDIT_WRITE',
  'CAP_SETFCAP',
] as const;

/** Lists that the snapshot does not hold, read at the tags named. Keyed by the engine's own version. */
export const OWN_SETS: Readonly<Record<'podman' | 'buildah', readonly CapabilitySet[]>> = {
  podman: [
    {
      from: '0.2',
      to: '1.8.0',
      capabilities: DOCKER,
      origin:
        'containers/podman vendor/github.com/opencontainers/runtime-tools/generate/generate.go, read at v0.2, v0.12.1, v1.0.0, v1.4.0, v1.6.2 and v1.8.0',
    },
  ],
  buildah: [
    {
      from: '0.1',
      to: '1.1',
      capabilities: DOCKER,
      origin:
        'containers/buildah vendor/github.com/opencontainers/runtime-tools/generate/generate.go, read at v0.5, v0.16.0 and v1.0',
    },
    {
      from: '1.2',
      to: '1.13.2',
      capabilities: DOCKER.filter((name) => name !== 'CAP_NET_RAW'),
      origin: 'containers/buildah util/types.go, read at v1.3, v1.4, v1.7.3, v1.8.0, v1.11.0 and v1.11.7',
    },
  ],
};

/** containers-common 0.68.0 is newer than the snapshot's list. */
export const COMMON_LATER: CapabilitySet = {
  from: '0.68.0',
  to: '0.68.0',
  capabilities: DOCKER.filter((name) => !['CAP_AUDIT_WRITE', 'CAP_MKNOD', 'CAP_NET_RAW'].includes(name)),
  origin: 'containers/buildah v1.44.0 vendor/go.podman.io/common/pkg/config/default.go',
};

export interface RawCapabilitySets {
  readonly capabilities: readonly { readonly name: string }[];
  readonly defaultSets: readonly {
    readonly engine: string;
    readonly versions: string;
    readonly caps: readonly string[] | null;
  }[];
}

/** The snapshot's lists of an engine, in the kernel's order. */
export function capabilitySets(
  raw: RawCapabilitySets,
  engine: string,
  origin: string,
): readonly CapabilitySet[] {
  const order = raw.capabilities.map(({ name }) => name);
  return raw.defaultSets.flatMap(({ engine: word, versions, caps }) => {
    const [from, to = from] = versions.replace(/ \(.*/, '').split(' to ');
    if (!word.startsWith(engine) || caps === null || from === undefined || to === undefined) return [];
    const capabilities = [...caps].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    return [{ from, to, capabilities, origin }];
  });
}

export function setFor(
  sets: readonly CapabilitySet[],
  version: string | undefined,
): CapabilitySet | undefined {
  if (version === undefined) return undefined;
  return sets.find(
    ({ from, to }) => compareVersions(from, version) <= 0 && compareVersions(version, to) <= 0,
  );
}

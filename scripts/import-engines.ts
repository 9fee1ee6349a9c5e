import { join } from 'node:path/posix';
import {
  type CapabilitySet,
  COMMON_LATER,
  capabilitySets,
  OWN_SETS,
  type RawCapabilitySets,
  setFor,
} from './profiles/capabilitySets.js';
import { type EngineRelease, engineFile } from './profiles/engineFile.js';
import { writeFacts } from './reviewable.js';
import { directories, readSnapshot } from './snapshot.js';

interface RawDockerRelease {
  readonly version: string;
  readonly tag: string;
  readonly date: string;
  readonly source: string;
  readonly profilesModule?: string;
  readonly file: string;
  readonly daemonFile?: string;
}

interface RawContainerdRelease {
  readonly version: string;
  readonly tag: string;
  readonly date: string;
  readonly file: string;
}

interface RawCrioRelease {
  readonly version: string;
  readonly date: string;
  readonly profile: string;
  readonly containersCommon?: string;
  readonly note?: string;
}

interface RawConsumer {
  readonly version: string;
  readonly date: string;
  readonly module?: string;
  readonly moduleVersion?: string;
  readonly builtin?: string;
  readonly containersCommon?: string;
}

const { snapshot, data } = directories(process.argv);
const capabilities = await readSnapshot<RawCapabilitySets>(snapshot, 'capabilities.json');

const GO_FORM = 'profiles/seccomp/*.go, evaluated';

async function docker(): Promise<readonly EngineRelease[]> {
  const raw = await readSnapshot<readonly RawDockerRelease[]>(snapshot, 'profiles/docker/releases.json');
  const sets = capabilitySets(
    capabilities,
    'docker',
    'moby/moby oci/defaults.go and its predecessors at each tag',
  );
  return raw.map(({ version, tag, date, source, profilesModule, file, daemonFile }) => ({
    version,
    date,
    tag,
    // Before 1.13 the daemon applied what its Go code computed, not the JSON beside it.
    file: join('docker', daemonFile ?? file),
    from:
      daemonFile !== undefined
        ? GO_FORM
        : profilesModule === undefined
          ? source
          : `${source} (${profilesModule})`,
    capabilities: setFor(sets, version),
  }));
}

async function containerd(): Promise<readonly EngineRelease[]> {
  const raw = await readSnapshot<readonly RawContainerdRelease[]>(
    snapshot,
    'profiles/containerd/releases.json',
  );
  const sets = capabilitySets(capabilities, 'containerd', 'containerd/containerd oci/spec.go at each tag');
  return raw.map(({ version, tag, date, file }) => ({
    version,
    date,
    tag,
    file: join('containerd', file),
    from: 'contrib/seccomp',
    capabilities: setFor(sets, version),
  }));
}

async function crio(): Promise<readonly EngineRelease[]> {
  const raw = await readSnapshot<readonly RawCrioRelease[]>(snapshot, 'profiles/cri-o/releases.json');
  const sets = capabilitySets(capabilities, 'cri-o', 'cri-o/cri-o lib/config.go, pkg/config at each tag');
  return raw.map(({ version, date, profile, containersCommon, note }) => ({
    version,
    date,
    tag: `v${version}`,
    file: join('cri-o', profile),
    from:
      note ??
      (containersCommon === undefined
        ? 'seccomp/containers-golang'
        : `containers-common ${containersCommon}`),
    capabilities: setFor(sets, version),
  }));
}

async function consumers(engine: 'podman' | 'buildah'): Promise<readonly EngineRelease[]> {
  const all = await readSnapshot<Readonly<Record<string, readonly RawConsumer[]>>>(
    snapshot,
    'profiles/containers-common/consumers.json',
  );
  const common: readonly CapabilitySet[] = [
    ...capabilitySets(
      capabilities,
      'containers-common',
      'containers/common pkg/config/default.go at each tag',
    ),
    COMMON_LATER,
  ];
  return (all[engine] ?? []).map(({ version, date, module, moduleVersion, builtin, containersCommon }) => ({
    version,
    date,
    tag: `v${version}`,
    ...(builtin === undefined ? {} : { file: join('containers-common', builtin) }),
    from: module === undefined ? 'no default profile' : `${module} ${moduleVersion ?? ''}`.trim(),
    capabilities: setFor(OWN_SETS[engine], version) ?? setFor(common, containersCommon?.replace(/^.*@v/, '')),
  }));
}

const engines = [
  { name: 'docker', repository: 'moby/moby', releases: await docker() },
  { name: 'containerd', repository: 'containerd/containerd', releases: await containerd() },
  { name: 'cri-o', repository: 'cri-o/cri-o', releases: await crio() },
  { name: 'podman', repository: 'containers/podman', releases: await consumers('podman') },
  { name: 'buildah', repository: 'containers/buildah', releases: await consumers('buildah') },
];

const digests: Record<string, object> = {};
for (const { name, repository, releases } of engines) {
  const file = await engineFile(snapshot, repository, releases);
  await writeFacts(data, `engines/${name}.json`, file.facts);
  digests[name] = file.digests;
}
await writeFacts(data, 'digests.json', digests);

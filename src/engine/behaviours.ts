import { compareVersions } from '../versions.js';
import type { EngineName } from './context.js';

/** Releases `since` (inclusive) `until` (exclusive); branches run in parallel, so a behaviour can have several. */
interface Range {
  readonly since: string;
  readonly until?: string;
}

interface Fact {
  readonly ranges: readonly Range[];
  /** Commit, tag or file in the engine's repository. */
  readonly source: string;
}

const from = (since: string, source: string): Fact => ({ ranges: [{ since }], source });
const always = (source: string): Fact => from('0', source);

/** containers/common as vendored: Podman 4.0, Buildah 1.21.6 and 1.24, CRI-O 1.25 have errno names, and so on. */
const COMMON = 'pkg/seccomp/types.go of the containers/common that go.mod names';

/** What differs between engines and their releases on the way from a profile to OCI seccomp. */
const FACTS = {
  /** A rule has `names`; before, one `name` only. */
  'rule-names': {
    docker: from('1.13.0', 'moby 5ff21add06'),
    podman: always(COMMON),
    buildah: always(COMMON),
    'cri-o': always(COMMON),
    containerd: always('runtime-spec LinuxSyscall'),
  },
  /** The old single `name` of a rule is read. */
  'rule-name': {
    docker: always('moby profiles/seccomp'),
    podman: always(COMMON),
    buildah: always(COMMON),
    'cri-o': always(COMMON),
  },
  /** `includes` and `excludes` with caps and arches, and `archMap`. */
  conditions: {
    docker: from('1.13.0', 'moby 5ff21add06'),
    podman: always(COMMON),
    buildah: always(COMMON),
    'cri-o': always(COMMON),
  },
  'min-kernel': { docker: from('19.03.0', 'moby 1124543ca8') },
  /** minKernel is `a.b` of two bytes and only the host's first two numbers count. */
  'min-kernel-strict': { docker: from('20.10.0', 'moby v20.10.0 profiles/seccomp/seccomp.go UnmarshalJSON') },
  /** Arch words come from GOARCH by moby's own table; before, from libseccomp-golang. */
  'arch-words-of-go': {
    docker: from('20.10.0', 'moby v20.10.0 profiles/seccomp/seccomp_linux.go goToNative'),
  },
  'arch-riscv64': {
    docker: {
      ranges: [
        { since: '23.0.16', until: '24.0.0' },
        { since: '25.0.7', until: '26.0.0' },
        { since: '27.3.0' },
      ],
      source: 'moby 1161b790cf',
    },
  },
  'arch-loong64': { docker: from('29.4.2', 'moby/profiles seccomp/v0.2.2 seccomp_linux.go goToNative') },
  /** One OCI rule a name; since then one OCI rule a rule. */
  'rule-per-name': {
    docker: {
      ranges: [{ since: '0', until: '20.10.0' }],
      source: 'moby v19.03.15 and v20.10.0 profiles/seccomp createSpecsSyscall',
    },
  },
  /** `name` beside `names` is refused even in a rule whose conditions fail. */
  'names-checked-first': { docker: from('23.0.0', 'moby 0ef7e727d2') },
  'errno-ret': {
    docker: from('20.10.10', 'moby v20.10.10 profiles/seccomp/seccomp.go'),
    podman: from('2.0.0', COMMON),
    buildah: from('1.15.0', 'containers-golang v0.5.0 types.go'),
    'cri-o': from('1.19.0', 'containers-golang v0.4.1 types.go'),
    containerd: from('1.4.0', 'runtime-spec LinuxSyscall as vendored'),
  },
  'default-errno-ret': {
    docker: from('23.0.0', 'moby 5d244675bd'),
    podman: from('3.3.0', 'containers/common 0.40.0'),
    buildah: from('1.21.6', 'containers/common 0.40.0'),
    'cri-o': from('1.22.0', 'containers/common 0.40.0'),
    containerd: from('1.5.5', 'runtime-spec LinuxSeccomp as vendored'),
  },
  flags: {
    docker: from('23.0.0', 'moby 0ef7e727d2'),
    podman: from('4.1.0', 'containers/common ca5e9830'),
    buildah: {
      ranges: [{ since: '1.21.6', until: '1.22.0' }, { since: '1.26.0' }],
      source: 'containers/common ca5e9830',
    },
    'cri-o': from('1.25.0', 'containers/common ca5e9830'),
    containerd: from('1.4.0', 'runtime-spec LinuxSeccomp as vendored'),
  },
  listener: {
    docker: from('23.0.0', 'moby 5d244675bd'),
    podman: from('4.1.0', 'containers/common cb5c9e0f'),
    buildah: {
      ranges: [{ since: '1.21.6', until: '1.22.0' }, { since: '1.26.0' }],
      source: 'containers/common cb5c9e0f',
    },
    'cri-o': from('1.25.0', 'containers/common cb5c9e0f'),
    containerd: from('1.5.5', 'runtime-spec LinuxSeccomp as vendored'),
  },
  /** `errno` and `defaultErrno` by name, which win over the numbers. */
  'errno-names': {
    podman: from('4.0.0', 'containers/common a27cbd69'),
    buildah: {
      ranges: [{ since: '1.21.6', until: '1.22.0' }, { since: '1.24.0' }],
      source: 'containers/common a27cbd69',
    },
    'cri-o': from('1.25.0', 'containers/common a27cbd69'),
  },
  /** A container that is privileged keeps a profile that was asked for. */
  'privileged-profile': {
    docker: {
      ranges: [{ since: '1.10.0', until: '1.11.0' }, { since: '27.0.1' }],
      source: 'moby 896de6d426; v1.10.3 daemon/execdriver/native/create.go',
    },
    podman: from('2.1.0', 'podman 97a2c86aab'),
  },
  /** `--security-opt key=value`; before, `key:value` only. */
  'security-opt-equals': { docker: from('1.11.0', 'moby v1.11.0 runconfig/opts/parse.go') },
  /** The CLI refuses an empty value; before, it tried to read a file without a name. */
  'security-opt-empty': { docker: from('23.0.0', 'docker/cli v23.0.0 parseSecurityOpts') },
  'security-opt-lower-case': { docker: from('29.0.0', 'docker/cli v29.0.0 parseSecurityOpts') },
  /** The daemon's message starts with `invalid`; before, with `Invalid`. */
  'daemon-lower-case': { docker: from('1.13.1', 'moby v1.13.1 daemon/daemon_unix.go parseSecurityOpt') },
  'cli-builtin': { docker: from('25.0.0', 'docker/cli 6d0aa0a52d') },
  'daemon-builtin': { docker: from('23.0.0', 'moby f8795ed364, 68e96f88ee') },
  'daemon-profile': { docker: from('1.13.0', 'moby b237189e6c') },
  /** Upper-casing, the CAP_ prefix and ALL as TweakCapabilities of 19.03 does them. */
  'capabilities-normalized': { docker: from('19.03.0', 'moby v19.03.0 oci/caps/utils.go') },
  /** Capabilities that the kernel lacks are told apart from unknown ones. */
  'capabilities-of-kernel': { docker: from('23.0.0', 'moby v23.0.0 oci/caps/utils_linux.go') },
} as const satisfies Readonly<Record<string, Partial<Record<EngineName, Fact>>>>;

export type Behaviour = keyof typeof FACTS;

function factOf(engine: EngineName, behaviour: Behaviour): Fact | undefined {
  const row: Partial<Record<EngineName, Fact>> = FACTS[behaviour];
  return row[engine];
}

/** Whether a release of an engine behaves in this way. */
export function behaves(engine: EngineName, version: string, behaviour: Behaviour): boolean {
  return (
    factOf(engine, behaviour)?.ranges.some(
      ({ since, until }) =>
        compareVersions(version, since) >= 0 && (until === undefined || compareVersions(version, until) < 0),
    ) ?? false
  );
}

/** The release that brought a behaviour and where that is written, for notes. */
export function behaviourSince(
  engine: EngineName,
  behaviour: Behaviour,
): { readonly since: string; readonly source: string } | undefined {
  const fact = factOf(engine, behaviour);
  const since = fact?.ranges.at(-1)?.since;
  return fact === undefined || since === undefined ? undefined : { since, source: fact.source };
}

import type { Note } from '../profile/profile.js';
import { capabilities as known } from '../syscalls/capabilities.js';
import { compareVersions } from '../versions.js';
import { behaves } from './behaviours.js';
import type { EngineName } from './context.js';

/** What `--cap-add`, `--cap-drop` and `--privileged` say. */
export interface CapabilityRequest {
  readonly engine: EngineName;
  readonly version: string;
  readonly kernel: string;
  /** The engine's set for a container that asks for nothing, full names. */
  readonly defaults: readonly string[];
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
  /** The bounding set of the daemon itself, full names; absent: everything that the kernel knows. */
  readonly daemon?: readonly string[];
}

export type CapabilityResult =
  /** Bounding set in the kernel's order, full names. */
  | {
      readonly kind: 'capabilities';
      readonly capabilities: readonly string[];
      readonly notes: readonly Note[];
    }
  /** In the engine's own words. */
  | { readonly kind: 'error'; readonly message: string };

/**
 * The bounding set of a container's process, by each engine's own arithmetic.
 *
 * @example
 * const asked = { engine: 'docker', version: '28.5.2', kernel: '6.18', defaults: [], privileged: false };
 * containerCapabilities({ ...asked, add: ['sys_nice'], drop: [] }).capabilities; // ['CAP_SYS_NICE']
 */
export function containerCapabilities(request: CapabilityRequest): CapabilityResult {
  switch (request.engine) {
    case 'docker':
      return behaves('docker', request.version, 'capabilities-normalized')
        ? docker(request)
        : dockerLegacy(request);
    case 'podman':
    case 'buildah':
      return containersCommon(request);
    case 'containerd':
    case 'cri-o':
      return cri(request);
  }
}

/** gocapability as moby vendored it ended there, and 20.10 stops there on purpose (oci/caps/utils.go). */
const OLD_LAST = 'CAP_AUDIT_READ';

/** Capabilities that the engine's release has names for, on this kernel; since 23.0 Docker counts what its daemon has. */
function available({ engine, version, kernel, daemon }: CapabilityRequest): readonly string[] {
  const last = known.find(({ name }) => name === OLD_LAST)?.number ?? known.length;
  const old = engine === 'docker' && !behaves('docker', version, 'capabilities-of-kernel');
  return known
    .filter((row) => (!old || row.number <= last) && compareVersions(kernel, row.kernel) >= 0)
    .filter(({ name }) => engine !== 'docker' || old || daemon === undefined || daemon.includes(name))
    .map(({ name }) => name);
}

function result(names: Iterable<string>, notes: readonly Note[] = []): CapabilityResult {
  const set = new Set(names);
  return {
    kind: 'capabilities',
    capabilities: known.filter(({ name }) => set.has(name)).map(({ name }) => name),
    notes,
  };
}

const error = (message: string): CapabilityResult => ({ kind: 'error', message });

const isAll = (word: string): boolean => word.toUpperCase() === 'ALL';

function prefixed(word: string): string {
  const upper = word.toUpperCase();
  return upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

/**
 * moby 19.03 and later: daemon/container.go checks the words when the container is created, privileged or not; then
 * TweakCapabilities lets ALL added win over ALL dropped, and an added one over its own drop.
 */
function docker(request: CapabilityRequest): CapabilityResult {
  const all = available(request);
  const wrong =
    dockerWordError('CapAdd', request.add, request, all) ??
    dockerWordError('CapDrop', request.drop, request, all);
  if (wrong !== undefined) return error(wrong);
  if (request.privileged) return result(all);
  const drop = new Set(request.drop.map(prefixed));
  const add = request.add.filter((word) => !isAll(word)).map(prefixed);
  if (request.add.some(isAll)) return result(all.filter((name) => !drop.has(name)));
  if (request.drop.some(isAll)) return result(add);
  return result([...request.defaults.filter((name) => !drop.has(name)), ...add]);
}

function dockerWordError(
  field: 'CapAdd' | 'CapDrop',
  words: readonly string[],
  { version }: CapabilityRequest,
  all: readonly string[],
): string | undefined {
  const word = words.find((candidate) => !isAll(candidate) && !all.includes(prefixed(candidate)));
  if (word === undefined) return undefined;
  const name = prefixed(word);
  const lacking =
    behaves('docker', version, 'capabilities-of-kernel') && known.some((row) => row.name === name);
  const what = lacking
    ? 'capability not supported by your kernel or not available in the current environment'
    : 'unknown capability';
  return `invalid ${field}: ${what}: ${JSON.stringify(name)}`;
}

/**
 * Before 19.03 (daemon/caps/utils.go): words stand without CAP_, case does not count, and ALL added and dropped
 * leaves only what else is added.
 */
function dockerLegacy(request: CapabilityRequest): CapabilityResult {
  const all = available(request);
  if (request.privileged) return result(all);
  const full = (word: string): string => `CAP_${word.toUpperCase()}`;
  const badDrop = request.drop.find((word) => !isAll(word) && !all.includes(full(word)));
  if (badDrop !== undefined) return error(`Unknown capability drop: ${JSON.stringify(badDrop)}`);
  const badAdd = request.add.find((word) => !isAll(word) && !all.includes(full(word)));
  if (badAdd !== undefined) return error(`Unknown capability to add: ${JSON.stringify(`CAP_${badAdd}`)}`);
  const drop = new Set(request.drop.map(full));
  const basics = request.add.some(isAll) ? all : request.defaults;
  const kept = request.drop.some(isAll) ? [] : basics.filter((name) => !drop.has(name));
  return result([...kept, ...request.add.filter((word) => !isAll(word)).map(full)]);
}

/** MergeCapabilities of containers/common: contradictions are errors. */
function containersCommon(request: CapabilityRequest): CapabilityResult {
  const all = available(request);
  if (request.privileged) return result(all);
  for (const word of [...request.drop, ...request.add]) {
    if (!isAll(word) && !all.includes(prefixed(word)))
      return error(`"${prefixed(word)}": unknown capability`);
  }
  const add = request.add.filter((word) => !isAll(word)).map(prefixed);
  const addAll = request.add.some(isAll);
  if (request.drop.some(isAll)) {
    return addAll ? error('adding all caps and removing all caps not allowed') : result(add);
  }
  const drop = new Set(request.drop.map(prefixed));
  if (addAll) return result(all.filter((name) => !drop.has(name)));
  const both = add.find((name) => drop.has(name));
  if (both !== undefined) return error(`capability "${both}" cannot be dropped and added`);
  return result([...request.defaults.filter((name) => !drop.has(name)), ...add]);
}

/** The CRI's way (containerd WithCapabilities, CRI-O SpecSetupCapabilities): ALL first, then adds, and drops last. */
function cri(request: CapabilityRequest): CapabilityResult {
  const all = available(request);
  if (request.privileged) return result(all);
  const notes: Note[] = [];
  for (const word of [...request.add, ...request.drop]) {
    if (!isAll(word) && !all.includes(prefixed(word))) {
      return error(
        request.engine === 'cri-o'
          ? `unknown capability "${prefixed(word)}" to add`
          : `unknown capability "${prefixed(word)}"`,
      );
    }
    if (request.engine !== 'containerd' || !word.toUpperCase().startsWith('CAP_')) continue;
    notes.push({
      kind: 'capability-prefix',
      text: `in a Kubernetes manifest write ${prefixed(word).slice('CAP_'.length)}: containerd puts CAP_ before every name, and CAP_CAP_… is not known to the runtime`,
    });
  }
  const start = request.drop.some(isAll) ? [] : request.add.some(isAll) ? all : request.defaults;
  const drop = new Set(request.drop.map(prefixed));
  const set = [...start, ...request.add.filter((word) => !isAll(word)).map(prefixed)];
  return result(
    set.filter((name) => !drop.has(name)),
    notes,
  );
}

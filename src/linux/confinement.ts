import { readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import { compile } from '../bpf/compile.js';
import type { Program } from '../bpf/instruction.js';
import { readFilter } from '../bpf/readFilter.js';
import type { EngineName, SeccompChoice } from '../engine/context.js';
import { type EngineDefaults, loadDefaults } from '../engine/defaults.js';
import { engineOf, resolveContextNow } from '../engine/resolveContext.js';
import { type ContextTarget, parseTarget, type Target } from '../engine/target.js';
import { CallgateError } from '../error.js';
import { type FilterFlag, filterFlags } from '../explain/filterFlags.js';
import { type FilterPrediction, predictWith } from '../explain/predict.js';
import { usable } from '../explain/usable.js';
import type { Policy } from '../policy/policy.js';
import type { Profile } from '../profile/profile.js';
import { readOciConfig, readProfile } from '../profile/read.js';
import { abi as abiOf } from '../syscalls/abis.js';
import { capabilityName } from '../syscalls/capabilities.js';

/** What a command is put under. */
export interface Confinement {
  readonly program: Program;
  readonly policy: Policy;
  readonly flags: readonly FilterFlag[];
  /** Bounding set for a command that is started as root. */
  readonly capabilities: readonly string[];
  /** Absent for a filter that was given as it is. */
  readonly prediction?: FilterPrediction;
}

const NAMES: readonly EngineName[] = ['docker', 'podman', 'buildah', 'containerd', 'cri-o'];
/** Loaded with this module, so that spawn() can answer at once as node:child_process does. */
const engines: ReadonlyMap<EngineName, EngineDefaults> = new Map(
  await Promise.all(NAMES.map(async (name) => [name, await loadDefaults(name)] as const)),
);

/**
 * The filter and capabilities for a target word (`docker@28.5.2`, `./profile.json`, `bpf:FILE` …), or for a profile.
 *
 * @param capabilities take the place of the container's own set, with or without `CAP_`
 * @throws {CallgateError} for a word that names nothing known, a profile with which no container starts, a bad file
 */
export function confine(seccomp: string | Profile, capabilities?: readonly string[]): Confinement {
  const target = typeof seccomp === 'string' ? parseTarget(seccomp) : undefined;
  if (target?.kind === 'bpf') return fromFilter(target.path, capabilities);
  const like = target?.kind === 'context' ? target : ANY;
  const defaults = engines.get(engineOf({ like }));
  if (defaults === undefined) throw new TypeError('an engine without data');
  const { context } = resolveContextNow(
    {
      like,
      hostArch: machine(),
      hostKernel: release(),
      ...profileWords(target, seccomp),
      readProfile: (path) => readProfile(contentOf(path), path),
    },
    defaults,
  );
  const own = capabilities === undefined ? context.capabilities : capabilities.map(fullName);
  const oci = target?.kind === 'oci' ? ociChoice(target.path) : undefined;
  const chosen = { ...context, capabilities: own, ...(oci === undefined ? {} : { seccomp: oci }) };
  const { policy, prediction } = usable(predictWith(chosen, defaults));
  return {
    program: compile(policy, { nativeArch: abiOf(context.arch).auditArch }),
    policy,
    flags: prediction === undefined ? [] : filterFlags(prediction),
    capabilities: own,
    ...(prediction === undefined ? {} : { prediction }),
  };
}

/** A bundle's profile goes to the runtime as it stands. */
function ociChoice(path: string): SeccompChoice {
  const found = readOciConfig(contentOf(path), path);
  return found.kind === 'profile' ? { kind: 'oci', profile: found.profile } : found;
}

const ANY: ContextTarget = { kind: 'context', capAdd: [], capDrop: [], privileged: false, unconfined: false };

function profileWords(
  target: Target | undefined,
  seccomp: string | Profile,
): { readonly profile?: Profile; readonly securityOpt?: readonly string[] } {
  if (typeof seccomp !== 'string') return { profile: seccomp };
  switch (target?.kind) {
    case 'file':
      return { profile: readProfile(contentOf(target.path), target.path) };
    case 'unconfined':
      return { securityOpt: ['seccomp=unconfined'] };
    case 'context':
    case 'oci':
      return {};
    default:
      throw new CallgateError('USAGE', `${seccomp} cannot be spawned under`, {
        expected: 'an engine release, a profile, oci:FILE, bpf:FILE or unconfined',
      });
  }
}

function fromFilter(path: string, capabilities: readonly string[] | undefined): Confinement {
  // The machines that have a launcher are all little-endian.
  const filter = readFilter(contentOf(path), path, 'little');
  return { ...filter, flags: [], capabilities: capabilities?.map(fullName) ?? dockerCapabilities() };
}

function dockerCapabilities(): readonly string[] {
  const docker = engines.get('docker');
  const newest = docker?.releases.at(-1)?.version;
  return (newest === undefined ? undefined : docker?.defaultCapabilities(newest)) ?? [];
}

function fullName(word: string): string {
  const name = capabilityName(word);
  if (name !== undefined) return name;
  throw new CallgateError('USAGE', `no capability is called ${word}`, {
    expected: 'a name such as CAP_CHOWN or NET_RAW',
  });
}

function contentOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CallgateError('INPUT', `cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`, {
      cause: error,
    });
  }
}

import { expandDocker } from '../engine/expandDocker.js';
import type { OciSeccomp } from '../engine/oci.js';
import { diffPolicies } from '../explain/diff.js';
import type { Prediction } from '../explain/predict.js';
import type { Policy } from '../policy/policy.js';
import { applyRuntime } from '../runtime/apply.js';
import { kubernetesFacts } from './facts.js';

/** What is lost when containerd reads a Localhost file, which it takes for plain OCI seccomp. */
export interface LocalhostReading {
  /** Fields that are dropped without a word, and what that does. */
  readonly dropped: readonly string[];
  /** Calls that get further, or less far, than where the file's conditions count (Docker, CRI-O, Podman). */
  readonly widened: readonly string[];
  readonly narrowed: readonly string[];
}

/** Undefined where the engine reads all of the file, or nothing of it. */
export function readingOf(prediction: Prediction): LocalhostReading | undefined {
  if (prediction.kind !== 'filter') return undefined;
  const { context, profile, policy } = prediction;
  if (context.engine.name !== 'containerd' || context.seccomp.kind !== 'profile') return undefined;
  const dropped = prediction.notes.filter(({ kind }) => kind === 'dropped-field').map(({ text }) => text);
  if (dropped.length === 0) return undefined;
  const meant = expandDocker(profile, { ...context, engine: { version: kubernetesFacts.layout.docker } });
  const resolved = meant.kind === 'seccomp' ? policyOf(meant.oci, prediction) : undefined;
  if (resolved === undefined) return { dropped, widened: [], narrowed: [] };
  const { changes } = diffPolicies(resolved, policy, context.arch);
  const names = (side: 'widened' | 'narrowed'): readonly string[] => [
    ...new Set(
      changes
        .filter(({ abi, ...change }) => abi === context.arch && change[side] !== undefined)
        .map(({ syscall }) => syscall),
    ),
  ];
  return { dropped, widened: names('widened'), narrowed: names('narrowed') };
}

function policyOf(oci: OciSeccomp, { context }: Prediction): Policy | undefined {
  const { runtime, libseccomp, arch } = context;
  const result = applyRuntime(oci, { runtime, libseccomp, nativeAbi: arch });
  return result.kind === 'policy' ? result.policy : undefined;
}

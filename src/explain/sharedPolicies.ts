import type { Context } from '../engine/context.js';
import { expand } from '../engine/expand.js';
import type { Expansion } from '../engine/expansion.js';
import type { OciSeccomp } from '../engine/oci.js';
import type { Policy } from '../policy/policy.js';
import { applyRuntime } from '../runtime/apply.js';
import type { RuntimeTarget } from '../runtime/target.js';
import { unconfined } from './summary.js';

/** What a context's container gets, without the way there. */
export type Outcome =
  | { readonly kind: 'policy'; readonly policy: Policy }
  /** No container starts; in the engine's or runtime's own words. */
  | { readonly kind: 'loadError'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/**
 * Predictions for many contexts. What a runtime makes of a configuration depends on that and on nothing else, so
 * contexts that come to the same configuration, runtime and libseccomp share one policy.
 */
export function createSharedPolicies(): (context: Context) => Promise<Outcome> {
  const outcomeOf = createSharedOutcomes();
  return async (context) => outcomeOf(context, await expand(context));
}

/** As {@link createSharedPolicies}, for what an engine has made of a profile already. */
export function createSharedOutcomes(): (context: Context, expansion: Expansion) => Outcome {
  const done = new Map<string, Outcome>();
  return ({ runtime, libseccomp, arch }, expansion) => {
    switch (expansion.kind) {
      case 'unconfined':
        return { kind: 'policy', policy: unconfined };
      case 'error':
        return { kind: 'loadError', message: expansion.message };
      case 'seccomp': {
        const target = { runtime, libseccomp, nativeAbi: arch };
        const key = keyOf(expansion.oci, target);
        const known = done.get(key);
        if (known !== undefined) return known;
        const outcome = load(expansion.oci, target);
        done.set(key, outcome);
        return outcome;
      }
    }
  };
}

function load(oci: OciSeccomp, target: RuntimeTarget): Outcome {
  const result = applyRuntime(oci, target);
  switch (result.kind) {
    case 'policy':
      return { kind: 'policy', policy: result.policy };
    case 'unconfined':
      return { kind: 'policy', policy: unconfined };
    case 'loadError':
      return { kind: 'loadError', message: result.message === '' ? result.reason : result.message };
    case 'unknown':
      return { kind: 'unknown', message: result.message };
  }
}

/** Everything that the runtime sees: where a rule came from is not part of it. */
function keyOf(oci: OciSeccomp, target: RuntimeTarget): string {
  return JSON.stringify([target, oci], (name, part: unknown) => {
    if (name === 'origin') return undefined;
    return typeof part === 'bigint' ? part.toString() : part;
  });
}

import type { Context } from '../engine/context.js';
import { type EngineDefaults, loadDefaults } from '../engine/defaults.js';
import { expandProfile, expandWith } from '../engine/expand.js';
import type { DroppedRule, Expansion } from '../engine/expansion.js';
import type { OciSeccomp } from '../engine/oci.js';
import type { Position } from '../error.js';
import type { Policy } from '../policy/policy.js';
import type { Note, Profile } from '../profile/profile.js';
import { validateProfile } from '../profile/validate.js';
import { applyRuntime } from '../runtime/apply.js';
import type { PolicyResult } from '../runtime/result.js';
import type { AbiName } from '../syscalls/abi.js';
import { findAbi } from '../syscalls/abis.js';

/** What a container in a context gets: the whole road from profile to policy, with what happened on the way. */
export type Prediction = FilterPrediction | UnconfinedPrediction | LoadErrorPrediction | UnknownPrediction;

/** A container that starts with a filter. */
export interface FilterPrediction {
  readonly kind: 'filter';
  readonly context: Context;
  readonly policy: Policy;
  /** The profile that the rules below belong to. */
  readonly profile: Profile;
  /** Repository, tag and place of an engine's own profile. */
  readonly origin?: string;
  readonly oci: OciSeccomp;
  /** Rules whose conditions this container does not meet. */
  readonly dropped: readonly DroppedRule[];
  readonly notes: readonly Note[];
  readonly runtime: PolicyResult;
}

/** A container that starts without a filter. */
export interface UnconfinedPrediction {
  readonly kind: 'unconfined';
  readonly context: Context;
  readonly stage: 'engine' | 'runtime';
  readonly reason: string;
}

/** No container starts. */
export interface LoadErrorPrediction {
  readonly kind: 'loadError';
  readonly context: Context;
  readonly stage: 'engine' | 'runtime';
  /** In the engine's or runtime's own words. */
  readonly message: string;
  readonly reason?: string;
  /** Where the profile says what is refused, as far as that can be told. */
  readonly at?: Position;
  /** The valid word that was probably meant there. */
  readonly nearest?: string;
  readonly profile?: Profile;
}

/** Nobody has established what the runtime does. */
export interface UnknownPrediction {
  readonly kind: 'unknown';
  readonly context: Context;
  readonly message: string;
}

/** The profile that a context's container gets: the chosen one, or the engine's own. */
export function profileOf({ seccomp, engine }: Context, defaults: EngineDefaults): Profile | undefined {
  if (seccomp.kind === 'unconfined' || seccomp.kind === 'filter') return undefined;
  return seccomp.kind === 'default' ? defaults.profile(engine.version) : seccomp.profile;
}

/**
 * Walks the road from a context's profile to its policy.
 *
 * @throws CallgateError `UNKNOWN` for a release that the data does not hold
 * @example (await predict(context)).kind // 'filter'
 */
export async function predict(context: Context): Promise<Prediction> {
  return predictWith(context, await loadDefaults(context.engine.name));
}

/** As {@link predict}, where the engine's data is loaded already. */
export function predictWith(context: Context, defaults: EngineDefaults): Prediction {
  const prediction = finish(context, expandWith(context, defaults), profileOf(context, defaults));
  if (prediction.kind !== 'filter' || context.seccomp.kind !== 'default') return prediction;
  const origin = defaults.releases.find(({ version }) => version === context.engine.version)?.source;
  return origin === undefined ? prediction : { ...prediction, origin };
}

/** As {@link predict}, for a profile that takes the place of the context's own. */
export function predictProfile(context: Context, profile: Profile, builtin: boolean): Prediction {
  return finish(context, expandProfile(profile, context, builtin), profile);
}

function finish(context: Context, expansion: Expansion, profile: Profile | undefined): Prediction {
  switch (expansion.kind) {
    case 'unconfined':
      return { kind: 'unconfined', context, stage: 'engine', reason: expansion.reason };
    case 'error':
      return loadError(context, 'engine', expansion.message, profile);
    case 'seccomp':
      if (profile === undefined) throw new TypeError('an expansion without its profile');
      return load(context, expansion, profile);
  }
}

function load(
  context: Context,
  expansion: Extract<Expansion, { kind: 'seccomp' }>,
  profile: Profile,
): Prediction {
  const { oci, dropped, notes } = expansion;
  const { runtime, libseccomp, arch } = context;
  const result = applyRuntime(oci, { runtime, libseccomp, nativeAbi: arch });
  switch (result.kind) {
    case 'policy':
      return {
        kind: 'filter',
        context,
        policy: result.policy,
        profile,
        oci,
        dropped,
        notes,
        runtime: result,
      };
    case 'unconfined':
      return { kind: 'unconfined', context, stage: 'runtime', reason: result.reason };
    case 'loadError': {
      const rule = result.at === undefined ? undefined : oci.syscalls[result.at.rule];
      const at = rule?.origin.at ?? architectureAt(profile, result.architecture);
      const failed = loadError(context, 'runtime', result.message, profile, at);
      return { ...failed, reason: result.reason };
    }
    case 'unknown':
      return { kind: 'unknown', context, message: result.message };
  }
}

function architectureAt(profile: Profile, name: AbiName | undefined): Position | undefined {
  const index = profile.architectures.findIndex((word) => findAbi(word) === name);
  return name === undefined || index < 0 ? undefined : profile.locate(['architectures', index]);
}

/** A bad word has a place of its own; else the rule, or the beginning of the profile, is the nearest thing to point at. */
function loadError(
  context: Context,
  stage: LoadErrorPrediction['stage'],
  message: string,
  profile: Profile | undefined,
  ruleAt?: Position,
): LoadErrorPrediction {
  const word =
    profile === undefined ? undefined : validateProfile(profile).find(({ level }) => level === 'error');
  const at = word?.at ?? ruleAt ?? profile?.locate([]);
  const nearest = word?.nearest;
  return {
    kind: 'loadError',
    context,
    stage,
    message,
    ...(at === undefined ? {} : { at }),
    ...(nearest === undefined ? {} : { nearest }),
    ...(profile === undefined ? {} : { profile }),
  };
}

import type { Context } from '../engine/context.js';
import { loadDefaults } from '../engine/defaults.js';
import { expand } from '../engine/expand.js';
import type { OciSeccomp } from '../engine/oci.js';
import { newestRelease } from '../engine/releaseWord.js';
import { resolveRuntime } from '../engine/resolveRuntime.js';
import { withoutForeignByteOrder } from '../explain/byteOrder.js';
import { type FilterPrediction, type Prediction, predict } from '../explain/predict.js';
import type { Profile } from '../profile/profile.js';
import { type Finding, validateProfile } from '../profile/validate.js';
import { type Document, openDocument } from './document.js';

/** All that rules look at. */
export interface LintSubject {
  readonly profile: Profile;
  /** The profile's text, for rules that mend it. */
  readonly document?: Document;
  readonly context: Context;
  readonly noNewPrivileges: boolean;
  /** Bad words and combinations, whatever the version. */
  readonly validation: readonly Finding[];
  readonly prediction: Prediction;
  /** What the engine hands to the runtime; absent where it refuses the profile, or applies none. */
  readonly oci?: OciSeccomp;
  /** The filter, if there is one: of the architectures that this machine can run, where the profile lists others too. */
  readonly filter?: FilterPrediction;
  /**
   * Docker's newest default profile in the same container, as far as its runtime takes it: what many eyes have found
   * harmless.
   */
  readonly reference?: FilterPrediction;
}

/** A profile, and the container that it is looked at for. */
export interface SubjectInput {
  readonly profile: Profile;
  readonly text?: string;
  /** Its `seccomp` is the profile. */
  readonly context: Context;
  readonly noNewPrivileges?: boolean;
}

export async function lintSubject(input: SubjectInput): Promise<LintSubject> {
  const { profile, text, context } = input;
  const prediction = await predict(context);
  const expansion = await expand(context);
  const filter = filterOf(prediction);
  const reference = await referenceFor(context);
  return {
    profile,
    ...(text === undefined ? {} : { document: openDocument(text, profile) }),
    context,
    noNewPrivileges: input.noNewPrivileges ?? false,
    validation: validateProfile(profile),
    prediction,
    ...(expansion.kind === 'seccomp' ? { oci: expansion.oci } : {}),
    ...(filter === undefined ? {} : { filter }),
    ...(reference === undefined ? {} : { reference }),
  };
}

function filterOf(prediction: Prediction): FilterPrediction | undefined {
  if (prediction.kind === 'filter') return prediction;
  return prediction.kind === 'loadError' ? withoutForeignByteOrder(prediction)?.prediction : undefined;
}

async function referenceFor(context: Context): Promise<FilterPrediction | undefined> {
  const { releases } = await loadDefaults('docker');
  const version = newestRelease(releases.map((release) => release.version));
  if (version === undefined) return undefined;
  const engine = { name: 'docker', version } as const;
  const newest: Context = { ...context, engine, privileged: false, seccomp: { kind: 'default' } };
  const prediction = await predict(newest);
  if (prediction.kind === 'filter') return prediction;
  // Runtimes before runc 1.0.2 refuse it.
  const { runtime, libseccomp } = resolveRuntime(engine, undefined, undefined, false);
  const withOwn = await predict({ ...newest, runtime, libseccomp });
  return withOwn.kind === 'filter' ? withOwn : undefined;
}

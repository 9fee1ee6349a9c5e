import type { Context } from '../engine/context.js';
import type { Position } from '../error.js';
import { type Prediction, predict } from '../explain/predict.js';
import type { Verdict } from '../explain/verdict.js';
import { onArchitecture, type RuntimeNeeds, runtimeNeeds, type Startup, startups } from '../runtime/needs.js';
import { isMissing, outcomeOf } from './outcome.js';

/** Whether a container starts with a profile: will it load, and are the calls allowed that a start takes? */
export interface Preflight {
  readonly context: Context;
  readonly noNewPrivileges: boolean;
  readonly load: LoadVerdict;
  /** What the runtime itself calls under the filter; absent where nobody has measured it, or nothing loads. */
  readonly runtime?: Need & Pick<RuntimeNeeds, 'version' | 'source'>;
  /** What programs call before main(), by C library. */
  readonly startups: readonly (Need & Pick<Startup, 'id' | 'title' | 'source'>)[];
}

/** Whether engine and runtime take the profile. */
export type LoadVerdict =
  | { readonly kind: 'loads' }
  /** No filter at all. */
  | { readonly kind: 'unconfined'; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly by: string;
      readonly message: string;
      readonly reason?: string;
      readonly at?: Position;
    }
  | { readonly kind: 'unknown'; readonly message: string };

/** Calls that something makes before it works, and that the profile denies. */
export interface Need {
  readonly starts: boolean;
  /** Needed and denied. */
  readonly missing: readonly MissingCall[];
  /** Made, in some runs or to no harm when refused, and denied. */
  readonly wanted: readonly MissingCall[];
}

/** A call that is needed and does not run. */
export interface MissingCall {
  readonly call: string;
  readonly verdict: Verdict;
  /** What fails without it. */
  readonly text?: string;
}

/** The kinds of program that can be asked about. */
export const startupIds: readonly string[] = startups.map(({ id }) => id);

/**
 * Looks whether a container starts in a context, and what its profile lacks.
 *
 * @param only Kinds of program, of startupIds; all by default.
 * @throws CallgateError `UNKNOWN` for a release that the data does not hold
 * @example (await preflight(context, false)).load // { kind: 'loads' }
 */
export async function preflight(
  context: Context,
  noNewPrivileges: boolean,
  only: readonly string[] = startupIds,
): Promise<Preflight> {
  const prediction = await predict(context);
  const base = { context, noNewPrivileges, load: loadVerdict(prediction) };
  if (prediction.kind !== 'filter') return { ...base, startups: [] };
  const missing = (calls: readonly string[], needs?: RuntimeNeeds): readonly MissingCall[] =>
    onArchitecture(calls, context).flatMap((call): readonly MissingCall[] => {
      const outcome = outcomeOf(prediction.policy, call, context.arch);
      if (!isMissing(outcome, needs?.fallback.includes(call) ?? false)) return [];
      const text = needs?.needs.get(call);
      return [{ call, verdict: outcome.verdict, ...(text === undefined ? {} : { text }) }];
    });
  const needs = runtimeNeeds(context.runtime, noNewPrivileges);
  return {
    ...base,
    ...(needs === undefined
      ? {}
      : {
          runtime: {
            ...need(missing([...needs.needs.keys()], needs), missing(needs.makes)),
            version: needs.version,
            source: needs.source,
          },
        }),
    startups: startups
      .filter(({ id }) => only.includes(id))
      .map(({ id, title, source, needs: calls, makes }) => ({
        id,
        title,
        source,
        ...need(missing(calls), missing(makes)),
      })),
  };
}

function need(missing: readonly MissingCall[], wanted: readonly MissingCall[]): Need {
  return { starts: missing.length === 0, missing, wanted };
}

function loadVerdict(prediction: Prediction): LoadVerdict {
  switch (prediction.kind) {
    case 'filter':
      return { kind: 'loads' };
    case 'unconfined':
      return { kind: 'unconfined', reason: prediction.reason };
    case 'unknown':
      return { kind: 'unknown', message: prediction.message };
    case 'loadError': {
      const { context, stage, message, reason, at } = prediction;
      const { name, version } = context[stage];
      return {
        kind: 'refused',
        by: `${name} ${version}`,
        message,
        ...(reason === undefined ? {} : { reason }),
        ...(at === undefined ? {} : { at }),
      };
    }
  }
}

/** Whether the container and all the kinds of program start. */
export function startsAll({ load, runtime, startups: kinds }: Preflight): boolean {
  switch (load.kind) {
    case 'unconfined':
      return true;
    case 'refused':
    case 'unknown':
      return false;
    case 'loads':
      return (runtime?.starts ?? true) && kinds.every(({ starts }) => starts);
  }
}

/** Every call to be added, in order: those that are made only at times, too, as a start that fails now and then is worse. */
export function lacking({ runtime, startups: kinds }: Preflight): readonly string[] {
  const calls = [runtime, ...kinds].flatMap((part) =>
    part === undefined ? [] : [...part.missing, ...part.wanted].map(({ call }) => call),
  );
  return [...new Set(calls)].sort();
}

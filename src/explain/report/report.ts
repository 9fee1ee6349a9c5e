import { CallgateError } from '../../error.js';
import type { Policy } from '../../policy/policy.js';
import { questionOf } from '../answer.js';
import { fix, type ProvedRemedy } from '../fix.js';
import type { LayerFacts } from '../layers/facts.js';
import { type BehindFilter, behindFilter } from '../layers/next.js';
import type { FilterPrediction } from '../predict.js';
import { type Cause, causesOf } from './causes.js';
import type { Ending, Observation } from './observed.js';

/** What was denied while a command ran, told so that somebody can act on it. */
export interface Report {
  /** The command and its arguments; empty where many ran. */
  readonly command: readonly string[];
  /** Versions of everything that the verdicts depend on: `Engine`, `docker 28.5.2`. */
  readonly context: readonly (readonly [name: string, value: string])[];
  readonly ending: Ending | undefined;
  readonly causes: readonly WeighedCause[];
  /** Denied calls in all. */
  readonly total: number;
  /** Denied calls of kinds that were too many to list. */
  readonly unlisted: number;
  /** What else a reader must know. */
  readonly notes: readonly string[];
}

export interface WeighedCause extends Cause {
  /** The way out that opens least, proved. Absent where callers cope, or none was looked for. */
  readonly remedy?: ProvedRemedy;
  /** Why no remedy can be told. */
  readonly noRemedy?: string;
  /** Who would deny these calls next, if the filter let them through. */
  readonly behind: readonly BehindFilter[];
}

/** Each remedy is a comparison of whole filters; what does not fit on a screen need not be weighed. */
export const MOST_CAUSES = 5;

/**
 * Groups what was observed, and looks for the remedy of each cause that a screen has room for.
 *
 * @param facts of host and container, for the layers behind the filter
 */
export async function reportOf(
  observation: Observation,
  about: Pick<Report, 'command' | 'context' | 'notes'>,
  policy: Policy,
  prediction?: FilterPrediction,
  facts: LayerFacts = {},
): Promise<Report> {
  const causes = causesOf(observation, policy, prediction);
  const weighed: WeighedCause[] = [];
  for (const cause of causes) {
    const worth = weighed.length < MOST_CAUSES && cause.impact.kind !== 'falls-back';
    const behind = prediction === undefined ? [] : behindOf(cause, prediction, facts);
    const remedy = worth && prediction !== undefined ? await weigh(cause, prediction, facts) : {};
    weighed.push({ ...cause, ...remedy, behind });
  }
  const { unlisted, ending } = observation;
  const total = causes.reduce((sum, { count }) => sum + count, unlisted);
  return { ...about, ending, causes: weighed, total, unlisted };
}

function behindOf(cause: Cause, { context }: FilterPrediction, facts: LayerFacts): readonly BehindFilter[] {
  return cause.calls.flatMap((call) => {
    const question = questionOf(call);
    const behind = question === undefined ? undefined : behindFilter(question, context, facts);
    return behind === undefined ? [] : [behind];
  });
}

async function weigh(
  cause: Cause,
  prediction: FilterPrediction,
  facts: LayerFacts,
): Promise<Pick<WeighedCause, 'remedy' | 'noRemedy'>> {
  try {
    const { remedies } = await fix(prediction, cause.calls, { most: 1, facts });
    const [remedy] = remedies;
    return remedy === undefined ? {} : { remedy };
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    return { noRemedy: error.message };
  }
}

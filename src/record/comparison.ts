import type { FilterPrediction } from '../explain/predict.js';
import { countVerdicts, summarize } from '../explain/summary.js';
import { type WidenedCall, widenedBy } from '../explain/widened.js';

/** A recorded profile beside the default of the engine that it is for. */
export interface Comparison {
  /** Calls of the native ABI that run, with some arguments at least. */
  readonly allows: number;
  readonly defaultAllows: number;
  /** How many of a hundred calls that the default allows are gone. */
  readonly percentFewer: number;
  /** Calls that run with the profile and not, or with fewer arguments, with the default: complete, by proof. */
  readonly beyond: readonly WidenedCall[];
}

/**
 * Compares two containers that differ in their profile only, over every call and all argument bits.
 *
 * @throws CallgateError `INPUT` when conditions over arguments are too many to compare
 */
export function compareWithDefault(recorded: FilterPrediction, byDefault: FilterPrediction): Comparison {
  const { arch } = recorded.context;
  const runs = ({ policy }: FilterPrediction): number => {
    const { allowed, conditional } = countVerdicts(summarize(policy, [arch]));
    return allowed + conditional;
  };
  const [allows, defaultAllows] = [runs(recorded), runs(byDefault)];
  return {
    allows,
    defaultAllows,
    percentFewer: defaultAllows === 0 ? 0 : Math.round((1 - allows / defaultAllows) * 1000) / 10,
    beyond: widenedBy(byDefault.policy, recorded.policy, arch).calls,
  };
}

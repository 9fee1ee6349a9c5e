import { abi as abiOf, findAbi } from '../syscalls/abis.js';
import type { FilterPrediction, LoadErrorPrediction } from './predict.js';
import { predictProfile } from './predict.js';

/** A profile's filter without the architectures that made the runtime refuse it. */
export interface WithoutForeign {
  readonly prediction: FilterPrediction;
  /** The words that were left out. */
  readonly architectures: readonly string[];
}

/**
 * A filter has one byte order, so libseccomp refuses a profile that lists architectures of both. No program of the other
 * order runs on such a machine: the filter for the rest is what can be enforced there. Undefined when the profile
 * fails for another reason.
 */
export function withoutForeignByteOrder({
  context,
  profile,
}: LoadErrorPrediction): WithoutForeign | undefined {
  if (profile === undefined) return undefined;
  const native = abiOf(context.arch).endian;
  const isForeign = (word: string): boolean => {
    const name = findAbi(word);
    return name !== undefined && abiOf(name).endian !== native;
  };
  const architectures = profile.architectures.filter(isForeign);
  if (architectures.length === 0) return undefined;
  const rest = { ...profile, architectures: profile.architectures.filter((word) => !isForeign(word)) };
  const prediction = predictProfile(context, rest, false);
  return prediction.kind === 'filter' ? { prediction, architectures } : undefined;
}

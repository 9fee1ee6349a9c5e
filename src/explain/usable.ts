import type { Context } from '../engine/context.js';
import { CallgateError } from '../error.js';
import type { Policy } from '../policy/policy.js';
import type { Note } from '../profile/profile.js';
import { withoutForeignByteOrder } from './byteOrder.js';
import type { FilterPrediction, LoadErrorPrediction, Prediction } from './predict.js';
import { unconfined } from './summary.js';

/** A prediction with a policy that can be shown and enforced. */
export interface Usable {
  readonly context: Context;
  readonly notes: readonly Note[];
  readonly policy: Policy;
  /** Absent where there is no filter. */
  readonly prediction?: FilterPrediction;
}

/**
 * The policy of a prediction. A profile that is refused only for architectures of the other byte order is taken without
 * them, with a note.
 *
 * @throws CallgateError `INPUT` when no container starts with it, in the runtime's words; `UNKNOWN` where that is not established
 */
export function usable(prediction: Prediction, notes: readonly Note[] = []): Usable {
  const { context } = prediction;
  switch (prediction.kind) {
    case 'filter':
      return {
        context,
        notes: [...notes, ...prediction.profile.notes, ...prediction.notes],
        policy: prediction.policy,
        prediction,
      };
    case 'unconfined':
      return {
        context,
        notes: [...notes, { kind: 'unconfined', text: `no filter: ${prediction.reason}` }],
        policy: unconfined,
      };
    case 'loadError': {
      const rest = withoutForeignByteOrder(prediction);
      if (rest !== undefined) {
        const text = `${context.runtime.name} ${context.runtime.version} refuses this profile (${prediction.message}); told without ${rest.architectures.join(', ')}, whose programs this machine cannot run`;
        return usable(rest.prediction, [...notes, { kind: 'other-byte-order', text }]);
      }
      throw loadError(prediction);
    }
    case 'unknown':
      throw new CallgateError('UNKNOWN', prediction.message);
  }
}

function loadError({ context, stage, message, reason, at, nearest }: LoadErrorPrediction): CallgateError {
  const { name, version } = stage === 'engine' ? context.engine : context.runtime;
  const hint = nearest === undefined ? reason : `did you mean ${nearest}?`;
  return new CallgateError('INPUT', `no container starts with this profile: ${name} ${version}: ${message}`, {
    ...(at === undefined ? {} : { at }),
    ...(hint === undefined ? {} : { hint }),
  });
}

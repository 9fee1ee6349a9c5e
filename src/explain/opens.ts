import { leaf } from '../policy/decision.js';
import { widening } from '../policy/widening.js';
import type { AbiName } from '../syscalls/abi.js';
import { syscallsOf } from '../syscalls/table.js';
import { decisionOf } from './answer.js';
import { boundedDiagrams } from './bounded.js';
import type { Prediction } from './predict.js';

const ALLOWED = leaf({ kind: 'allow' });

/**
 * Calls of an ABI that `after` lets run, for some arguments at least, where `before` did not.
 *
 * @throws CallgateError `INPUT` when conditions are too many to compare exactly
 */
export function opens(before: Prediction, after: Prediction, abi: AbiName): readonly string[] {
  return boundedDiagrams((diagrams) =>
    syscallsOf(abi)
      .filter((call) => {
        const [was, is] = [decision(before, call.number, abi), decision(after, call.number, abi)];
        return was !== undefined && is !== undefined && widening(was, is, diagrams) !== undefined;
      })
      .map(({ name }) => name),
  );
}

function decision(prediction: Prediction, number: number, abi: AbiName) {
  switch (prediction.kind) {
    case 'filter':
      return decisionOf(prediction.policy, { abi, number });
    case 'unconfined':
      return ALLOWED;
    case 'loadError':
    case 'unknown':
      return undefined;
  }
}

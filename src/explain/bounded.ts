import { CallgateError } from '../error.js';
import { createDiagrams, type Diagrams, DiagramTooLarge } from '../policy/diagram.js';

/** Real filters need some thousands; conditions over many masks of one argument can need exponentially many. */
const MOST_NODES = 300_000;

/**
 * Works with a fresh set of diagrams that may not grow without end.
 *
 * @throws CallgateError `INPUT` when it would: nothing is proved then, in neither direction
 */
export function boundedDiagrams<T>(work: (diagrams: Diagrams) => T): T {
  try {
    return work(createDiagrams(MOST_NODES));
  } catch (error) {
    if (!(error instanceof DiagramTooLarge)) throw error;
    throw new CallgateError('INPUT', 'the conditions on arguments are too many to compare exactly', {
      hint: 'compare profiles with fewer masks over one argument',
      cause: error,
    });
  }
}

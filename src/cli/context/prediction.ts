import { CallgateError } from '../../error.js';
import type { FilterPrediction } from '../../explain/predict.js';
import type { Io } from '../io/io.js';
import type { Subject } from './contextFlags.js';
import { load } from './subject.js';

/**
 * The prediction for a container whose profile can be changed.
 *
 * @throws CallgateError `USAGE` for a filter that has no profile, and for no filter; as {@link load}
 */
export async function predictionOf(
  subject: Subject,
  io: Io,
): Promise<{ readonly before: FilterPrediction; readonly notes: readonly string[] }> {
  const { prediction, notes } = await load(subject, io);
  if (prediction !== undefined) return { before: prediction, notes: notes.map(({ text }) => text) };
  throw new CallgateError(
    'USAGE',
    subject.kind === 'context'
      ? 'this container has no filter, so there is nothing to change'
      : 'a filter as it is has no profile that could be changed',
    { hint: 'name a profile or an engine release: FILE.json, docker@VERSION' },
  );
}

import type { Context } from '../../engine/context.js';
import type { Answer, Question } from '../answer.js';
import { effectOf } from '../effect.js';
import type { Effect } from '../explanation.js';
import { verdictWord } from '../verdict.js';
import type { LayerFacts } from './facts.js';
import type { Layer } from './layer.js';
import { firstDenier, layersOf } from './layers.js';

/** All that is asked about a call, from the filter on. A kernel without the call ends the list. */
export function allLayers(
  { action, verdict }: Answer,
  question: Question,
  context: Context,
  facts: LayerFacts,
): readonly Layer[] {
  const runs = action?.kind === 'allow' || action?.kind === 'log';
  const seccomp: Layer =
    action === undefined
      ? {
          layer: 'seccomp',
          verdict: 'depends',
          detail: 'the filter looks at arguments',
          when: 'see the cases',
        }
      : runs
        ? { layer: 'seccomp', verdict: 'passes', detail: 'the filter lets it through' }
        : {
            layer: 'seccomp',
            verdict: 'denies',
            errno: verdictWord(verdict),
            detail: 'the filter denies it',
          };
  const allowed = effectOf({ kind: 'allow' }, question, context.kernel);
  if (allowed.result === 'ENOSYS') {
    const detail = `Linux ${context.kernel} does not have the call`;
    return [seccomp, { layer: 'kernel', verdict: 'denies', errno: 'ENOSYS', detail }];
  }
  return [seccomp, ...layersOf(question, context, facts)];
}

/** What the program sees, and who is the first to say it. */
export function effectThrough(
  { action }: Answer,
  question: Question,
  kernel: string,
  layers: readonly Layer[],
): Effect {
  if (action === undefined) return { result: 'by arguments', by: 'seccomp' };
  const effect = effectOf(action, question, kernel);
  const denier = effect.result === 'runs' ? firstDenier(layers) : undefined;
  return denier?.errno === undefined ? effect : { result: denier.errno, by: denier.layer };
}

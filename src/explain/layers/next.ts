import type { Context } from '../../engine/context.js';
import type { Question } from '../answer.js';
import { WHERE_ENABLED } from './container.js';
import type { LayerFacts } from './facts.js';
import type { Layer } from './layer.js';
import { firstDenier, layersOf } from './layers.js';

/** What a call meets once the filter lets it through: who denies it for certain, and who may before that. */
export interface Beyond {
  readonly denier?: Layer;
  /** AppArmor's profile, which an engine gives wherever the host has AppArmor. */
  readonly perhaps?: Layer;
}

/** @returns undefined when no layer behind the filter is known to deny the call */
export function beyondFilter(
  question: Question,
  context: Context,
  facts: LayerFacts = {},
): Beyond | undefined {
  const layers = layersOf(question, context, facts);
  const denier = firstDenier(layers);
  const perhaps = layers.find(
    ({ layer, verdict, when }) => layer === 'apparmor' && verdict === 'depends' && when === WHERE_ENABLED,
  );
  if (denier === undefined && perhaps === undefined) return undefined;
  return { ...(denier === undefined ? {} : { denier }), ...(perhaps === undefined ? {} : { perhaps }) };
}

/**
 * One sentence of what stands behind the filter, for a remedy or a report.
 *
 * @example beyondText({ denier: { layer: 'capability', verdict: 'denies', errno: 'EPERM', detail: 'needs CAP_SYS_ADMIN' } }) // 'then capability: EPERM, needs CAP_SYS_ADMIN'
 */
export function beyondText({ denier, perhaps }: Beyond): string {
  const parts = [
    ...(denier === undefined ? [] : [`${denier.layer}: ${denier.errno}, ${denier.detail}`]),
    ...(perhaps === undefined
      ? []
      : [`${perhaps.layer} where the host has it: ${perhaps.errno}, ${perhaps.detail}`]),
  ];
  return `then ${parts.join('; ')}`;
}

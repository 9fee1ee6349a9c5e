import type { Context } from '../../engine/context.js';
import type { Question } from '../answer.js';
import { effectOf } from '../effect.js';
import type { LayerFacts } from './facts.js';
import type { Layer } from './layer.js';
import { firstDenier, layersOf } from './layers.js';

/** What a call meets once the filter lets it through. */
export interface BehindFilter {
  /** Absent for a number without a name. */
  readonly syscall?: string;
  /** The first that denies it for certain. */
  readonly denier?: Layer;
  /** Those that may deny it, as arguments or the host decide: AppArmor, and capabilities where nobody denies for certain. */
  readonly perhaps: readonly Layer[];
}

/** A special case after two others is for `why` to tell. */
const MOST = 2;

/** @returns undefined when nobody behind the filter is known to deny the call */
export function behindFilter(
  question: Question,
  context: Context,
  facts: LayerFacts = {},
): BehindFilter | undefined {
  // A kernel without the call asks nothing else.
  if (effectOf({ kind: 'allow' }, question, context.kernel).result === 'ENOSYS') return undefined;
  const layers = layersOf(question, context, facts);
  const denier = firstDenier(layers);
  const perhaps = layers
    .filter(({ verdict, circumstance }) => verdict === 'depends' && circumstance !== true)
    .filter(({ layer }) => layer === 'apparmor' || (layer === 'capability' && denier === undefined))
    .slice(0, MOST);
  if (denier === undefined && perhaps.length === 0) return undefined;
  return {
    ...(question.name === undefined ? {} : { syscall: question.name }),
    ...(denier === undefined ? {} : { denier }),
    perhaps,
  };
}

/**
 * What stands behind the filter in one line, for a remedy or a report.
 *
 * @example behindText({ denier: { layer: 'capability', verdict: 'denies', errno: 'EPERM', detail: 'needs CAP_SYS_ADMIN' }, perhaps: [] }) // 'capability: EPERM, needs CAP_SYS_ADMIN'
 */
export function behindText({ denier, perhaps }: BehindFilter): string {
  return [...(denier === undefined ? [] : [denier]), ...perhaps]
    .map(({ layer, errno, detail, when }) =>
      [
        layer + (errno === undefined ? '' : `: ${errno}`),
        detail,
        ...(when === undefined ? [] : [`if ${when}`]),
      ].join(', '),
    )
    .join('; ');
}

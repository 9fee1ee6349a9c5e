import type { Workload } from '../../../kubernetes/workload.js';
import type { Paint } from '../../output/paint.js';
import type { LoadedManifests } from './manifestFiles.js';

/** `Deployment shop/web`. */
export function workloadName({ kind, name, namespace }: Workload): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

export function workloadTitle(workload: Workload, colours: Paint): string {
  const { at, template } = workload;
  const from = template === undefined ? '' : `, from ${template}`;
  return `${colours.bold(workloadName(workload))}  ${colours.dim(`${at.file}:${at.line}${from}`)}`;
}

/** How many documents were looked at, and what had no pod. */
export function skippedLines(
  { skipped }: LoadedManifests,
  workloads: number,
  colours: Paint,
): readonly string[] {
  const total = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  const what = `${workloads} ${workloads === 1 ? 'workload' : 'workloads'}`;
  if (total === 0) return [what];
  const kinds = [...skipped].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return [`${what}; without a pod: ${colours.dim(kinds)}`];
}

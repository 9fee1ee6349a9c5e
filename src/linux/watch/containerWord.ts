import { podOf } from '../../kubernetes/podOf.js';
import type { WatchedContainer } from './processState.js';

/** Characters of a long id that engines print. */
const SHORT = 12;

/**
 * A container's name for people: `namespace/pod/container` of Kubernetes, else the runtime's id, as engines shorten it.
 *
 * @example containerWord({ id: 'web', pid: 1, bundle: undefined, annotations: {} }) // 'web'
 */
export function containerWord({ id, annotations }: WatchedContainer): string {
  const names = podOf(annotations);
  if (names?.container !== undefined) return [names.namespace, names.pod, names.container].join('/');
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, SHORT) : id;
}

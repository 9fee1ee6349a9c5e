import type { WatchedContainer } from './processState.js';

/** Annotations with namespace, pod and container, as containerd's CRI plugin and CRI-O write them. */
const ANNOTATIONS = [
  [
    'io.kubernetes.cri.sandbox-namespace',
    'io.kubernetes.cri.sandbox-name',
    'io.kubernetes.cri.container-name',
  ],
  ['io.kubernetes.pod.namespace', 'io.kubernetes.pod.name', 'io.kubernetes.container.name'],
] as const;

/** Characters of a long id that engines print. */
const SHORT = 12;

/**
 * A container's name for people: `namespace/pod/container` of Kubernetes, else the runtime's id, as engines shorten it.
 *
 * @example containerWord({ id: 'web', pid: 1, bundle: undefined, annotations: {} }) // 'web'
 */
export function containerWord({ id, annotations }: WatchedContainer): string {
  for (const keys of ANNOTATIONS) {
    const words = keys.flatMap((key) => annotations[key] ?? []);
    if (words.length === keys.length) return words.join('/');
  }
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, SHORT) : id;
}

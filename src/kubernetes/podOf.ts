import json from '../../data/kubernetes/container-annotations.json' with { type: 'json' };

/** Where a container belongs, as far as its engine says. */
export interface PodNames {
  readonly namespace: string;
  readonly pod: string;
  /** Absent for the sandbox itself. */
  readonly container?: string;
}

/**
 * The pod of a container, from the annotations that containerd's CRI plugin and CRI-O put into its bundle; undefined for
 * containers of other engines. Whoever starts a container by hand can put the same annotations there.
 *
 * @example
 * podOf({ 'io.kubernetes.pod.namespace': 'shop', 'io.kubernetes.pod.name': 'web-0' })
 * // { namespace: 'shop', pod: 'web-0' }
 */
export function podOf(annotations: Readonly<Record<string, string>>): PodNames | undefined {
  for (const keys of json.engines) {
    const [namespace, pod, container] = [
      annotations[keys.namespace],
      annotations[keys.pod],
      annotations[keys.container],
    ];
    if (namespace !== undefined && pod !== undefined)
      return { namespace, pod, ...(container === undefined ? {} : { container }) };
  }
  return undefined;
}

import { type PodSecurityFinding, podSecurityChecks } from './podSecurityChecks.js';
import type { Workload } from './workload.js';

/** The levels of the Pod Security Standards. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** The highest Pod Security Standard that a pod meets. */
export interface PodSecurity {
  readonly level: PodSecurityLevel;
  /** Why it is no higher; empty for `restricted`. */
  readonly findings: readonly PodSecurityFinding[];
}

/**
 * The highest Pod Security Standard that a pod meets, at a Kubernetes release, and what keeps it from the higher ones.
 *
 * @param version two numbers, e.g. `1.33`
 * @example
 * const { objects } = readManifests('apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}', 'pod.yaml');
 * objects.flatMap(workloadsOf).map((workload) => podSecurity(workload, '1.33').level); // ['baseline']
 */
export function podSecurity(workload: Workload, version: string): PodSecurity {
  const findings = podSecurityChecks(workload, version).toSorted((a, b) =>
    a.level === b.level ? 0 : a.level === 'baseline' ? -1 : 1,
  );
  const has = (level: 'baseline' | 'restricted'): boolean =>
    findings.some((finding) => finding.level === level);
  return { level: has('baseline') ? 'privileged' : has('restricted') ? 'baseline' : 'restricted', findings };
}

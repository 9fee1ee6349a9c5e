import json from '../../data/kubernetes/seccomp.json' with { type: 'json' };
import { CallgateError } from '../error.js';
import { compareVersions } from '../versions.js';

/** What Kubernetes itself does about seccomp, by release; each fact with its source. */
export const kubernetesFacts = json;

/**
 * A Kubernetes release as two numbers: `1.29` of `v1.29.3-eks-1234`, `1.29.3` or `1.29`.
 *
 * @throws CallgateError `USAGE` for a word that is none
 */
export function kubernetesVersion(word: string): string {
  const [, version] = /^v?(\d+\.\d+)(?![\d])/.exec(word.trim()) ?? [];
  if (version !== undefined) return version;
  throw new CallgateError('USAGE', `"${word}" is not a release of Kubernetes`, {
    expected: `such as ${json.newest}`,
  });
}

export function atLeast(version: string, since: string): boolean {
  return compareVersions(version, since) >= 0;
}

/** Settings of the cluster that no manifest shows. */
export interface ClusterSettings {
  /** Two numbers, e.g. `1.33`. */
  readonly version: string;
  /** The kubelets' `seccompDefault`. */
  readonly seccompDefault: boolean;
  /** The kubelets' `--root-dir`. */
  readonly kubeletRoot: string;
}

/** A cluster of the newest known release with nothing set. */
export const defaultCluster: ClusterSettings = {
  version: json.newest,
  seccompDefault: json.seccompDefault.defaultValue,
  kubeletRoot: json.kubeletRoot.path,
};

import { Document } from 'yaml';
import { kubernetesFacts } from '../facts.js';
import { PLAIN } from './configMap.js';
import { labelsOf, type ObjectNames } from './objectNames.js';

/** What a DaemonSet runs on every Linux node. */
export interface NodePod {
  /** What is said of the DaemonSet itself, beside its template. */
  readonly strategy?: object;
  readonly annotations: Readonly<Record<string, string>>;
  readonly hostPID?: true;
  readonly terminationGracePeriodSeconds: number;
  readonly container: object;
  readonly volumes: readonly object[];
  /** Lines before the object. */
  readonly comment: readonly string[];
}

/** A DaemonSet that the kubelet keeps on every Linux node, whatever its taints, and evicts last. */
export function nodeDaemonSet(names: ObjectNames, pod: NodePod): Document {
  const { name, namespace } = names;
  const { strategy, annotations, hostPID, terminationGracePeriodSeconds, container, volumes, comment } = pod;
  const labels = labelsOf(names);
  const object = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      ...(strategy === undefined ? {} : { updateStrategy: strategy }),
      template: {
        metadata: { labels, annotations },
        spec: {
          automountServiceAccountToken: false,
          ...(hostPID === undefined ? {} : { hostPID }),
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds,
          containers: [container],
          volumes,
        },
      },
    },
  };
  const document = new Document(object, PLAIN);
  document.commentBefore = comment.map((line) => ` ${line}`).join('\n');
  return document;
}

/** Root, because the node's directories belong to root, and nothing more. */
export const ROOT = {
  runAsUser: 0,
  runAsNonRoot: false,
  privileged: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** The kubelet's seccomp directory as a volume. */
export function seccompVolume(kubeletRoot: string): object {
  const path = `${kubeletRoot}/${kubernetesFacts.kubeletRoot.seccomp}`;
  return { name: 'seccomp', hostPath: { path, type: 'DirectoryOrCreate' } };
}

/** Objects as one YAML text. */
export function yamlText(documents: readonly Document[]): string {
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n');
}

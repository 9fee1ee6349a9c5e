import { Document } from 'yaml';
import { kubernetesFacts } from '../facts.js';
import { configMap, dataOf, type InstalledFile, labelsOf, type ObjectNames, PLAIN } from './configMap.js';

export interface AgentOptions extends ObjectNames {
  readonly image: string;
  readonly kubeletRoot: string;
  readonly overwrite: boolean;
  /** The node's audit log; absent: it is not read. */
  readonly audit?: string;
}

/** Where the agent listens in its pod: Prometheus and the kubelet ask at the pod's address. */
const PORT = 9464;

/**
 * A ConfigMap with profiles and the DaemonSet of `callgate agent`, which keeps them in place on every Linux node and watches
 * containers, as YAML. The DaemonSet's text does not depend on the profiles: the agent follows the ConfigMap, and nothing
 * restarts when a profile changes.
 *
 * @throws CallgateError `INPUT` for more than a ConfigMap holds
 */
export function agentDaemonSet(files: readonly InstalledFile[], options: AgentOptions): string {
  const documents = [configMap(options, dataOf(files)), workload(options)];
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n');
}

function workload(options: AgentOptions): Document {
  const { name, namespace, image, kubeletRoot, overwrite, audit } = options;
  const labels = labelsOf(options);
  const directory = audit?.replace(/\/[^/]*$/, '');
  const mounts = [
    { name: 'profiles', mountPath: '/profiles', readOnly: true },
    { name: 'seccomp', mountPath: '/host/seccomp' },
    { name: 'socket', mountPath: SOCKET_DIRECTORY },
    ...(directory === undefined ? [] : [{ name: 'audit', mountPath: directory, readOnly: true }]),
  ];
  const seccomp = `${kubeletRoot}/${kubernetesFacts.kubeletRoot.seccomp}`;
  const object = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      updateStrategy: { type: 'OnDelete' },
      template: {
        metadata: {
          labels,
          annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(PORT) },
        },
        spec: {
          automountServiceAccountToken: false,
          hostPID: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds: 10,
          containers: [
            {
              name: 'agent',
              image,
              args: [
                ...['--profiles', '/profiles', '--seccomp-root', '/host/seccomp', '--name', name],
                ...(overwrite ? ['--overwrite'] : []),
                ...['--listener-path', `${SOCKET_DIRECTORY}/watch.sock`],
                ...(audit === undefined ? [] : ['--audit', audit]),
                ...['--listen', `0.0.0.0:${PORT}`],
              ],
              ports: [{ name: 'metrics', containerPort: PORT }],
              livenessProbe: probe('/healthz', 20),
              readinessProbe: probe('/readyz', 5),
              resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '384Mi' } },
              securityContext: {
                runAsUser: 0,
                runAsGroup: 0,
                runAsNonRoot: false,
                privileged: false,
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] },
                seccompProfile: { type: 'RuntimeDefault' },
              },
              volumeMounts: mounts,
            },
          ],
          volumes: [
            { name: 'profiles', configMap: { name } },
            { name: 'seccomp', hostPath: { path: seccomp, type: 'DirectoryOrCreate' } },
            { name: 'socket', hostPath: { path: SOCKET_DIRECTORY, type: 'DirectoryOrCreate' } },
            ...(directory === undefined
              ? []
              : [{ name: 'audit', hostPath: { path: directory, type: 'Directory' } }]),
          ],
        },
      },
    },
  };
  const document = new Document(object, PLAIN);
  document.commentBefore = [
    ' Root without capabilities, because the kubelet’s directory, the audit log and the socket’s directory belong to root.',
    ' SYS_PTRACE and hostPID are for reading what denied calls point to (paths) and whose they are: without them the answers',
    ' are the same, and reports have no paths and programs. OnDelete: while an agent is replaced, watched containers that run',
    ' get ENOSYS for denied calls, and are not reported until they are started again.',
  ].join('\n');
  return document;
}

/** Where `extend --watch` has runtimes look for an agent of root's. */
const SOCKET_DIRECTORY = '/run/callgate';

function probe(path: string, periodSeconds: number): object {
  return { httpGet: { path, port: PORT }, periodSeconds, timeoutSeconds: 5 };
}

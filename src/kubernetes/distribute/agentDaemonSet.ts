import type { Document } from 'yaml';
import { configMap } from './configMap.js';
import { dataOf, type InstalledFile } from './installedFile.js';
import { nodeDaemonSet, ROOT, seccompVolume, yamlText } from './nodeDaemonSet.js';
import type { ObjectNames } from './objectNames.js';

/** How the agents of a cluster are started. */
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
  return yamlText([configMap(options, dataOf(files)), workload(options)]);
}

function workload(options: AgentOptions): Document {
  const { name, image, kubeletRoot, overwrite, audit } = options;
  const directory = audit?.replace(/\/[^/]*$/, '');
  return nodeDaemonSet(options, {
    strategy: { type: 'OnDelete' },
    annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(PORT) },
    hostPID: true,
    terminationGracePeriodSeconds: 10,
    container: {
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
      securityContext: { ...ROOT, runAsGroup: 0, capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] } },
      volumeMounts: [
        { name: 'profiles', mountPath: '/profiles', readOnly: true },
        { name: 'seccomp', mountPath: '/host/seccomp' },
        { name: 'socket', mountPath: SOCKET_DIRECTORY },
        ...(directory === undefined ? [] : [{ name: 'audit', mountPath: directory, readOnly: true }]),
      ],
    },
    volumes: [
      { name: 'profiles', configMap: { name } },
      seccompVolume(kubeletRoot),
      { name: 'socket', hostPath: { path: SOCKET_DIRECTORY, type: 'DirectoryOrCreate' } },
      ...(directory === undefined
        ? []
        : [{ name: 'audit', hostPath: { path: directory, type: 'Directory' } }]),
    ],
    comment: [
      'Root without capabilities, because the kubelet’s directory, the audit log and the socket’s directory belong to root.',
      'SYS_PTRACE and hostPID are for reading what denied calls point to (paths) and whose they are: without them the answers',
      'are the same, and reports have no paths and programs. OnDelete: while an agent is replaced, watched containers that run',
      'get ENOSYS for denied calls, and are not reported until they are started again.',
    ],
  });
}

/** Where `extend --watch` has runtimes look for an agent of root's. */
const SOCKET_DIRECTORY = '/run/callgate';

function probe(path: string, periodSeconds: number): object {
  return { httpGet: { path, port: PORT }, periodSeconds, timeoutSeconds: 5 };
}

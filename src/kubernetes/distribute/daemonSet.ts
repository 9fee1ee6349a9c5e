import { Document } from 'yaml';
import { kubernetesFacts } from '../facts.js';
import { configMap, dataOf, type InstalledFile, keyOf, labelsOf, PLAIN } from './configMap.js';
import { installScript } from './installScript.js';
import { sha256 } from './sha256.js';

export interface DaemonSetOptions {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly kubeletRoot: string;
  /** Takes the files away again, where such a DaemonSet put them. */
  readonly remove: boolean;
  readonly overwrite: boolean;
}

/**
 * A DaemonSet with its ConfigMap that installs profiles on every Linux node, as YAML.
 *
 * @throws CallgateError `INPUT` for more than a ConfigMap holds
 */
export async function daemonSet(files: readonly InstalledFile[], options: DaemonSetOptions): Promise<string> {
  const data = dataOf(files);
  const documents = [
    configMap(options, { 'install.sh': installScript, ...data }),
    await workload(files, options, JSON.stringify(data)),
  ];
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n');
}

async function workload(
  files: readonly InstalledFile[],
  options: DaemonSetOptions,
  content: string,
): Promise<Document> {
  const { name, namespace, image, kubeletRoot, remove, overwrite } = options;
  const labels = labelsOf(options);
  const environment = {
    NAME: name,
    MODE: remove ? 'remove' : 'keep',
    ...(overwrite ? { OVERWRITE: '1' } : {}),
  };
  const object = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      template: {
        metadata: { labels, annotations: { 'checksum/profiles': await sha256(content + installScript) } },
        spec: {
          automountServiceAccountToken: false,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              name: 'install',
              image,
              command: ['/bin/sh', '/profiles/install.sh'],
              env: [
                ...Object.entries(environment).map(([key, value]) => ({ name: key, value })),
                { name: 'SOURCE', value: '/profiles/files' },
              ],
              readinessProbe: {
                exec: { command: ['test', '-e', '/run/state/ready'] },
                initialDelaySeconds: 1,
                periodSeconds: 5,
              },
              resources: { requests: { cpu: '5m', memory: '16Mi' }, limits: { memory: '64Mi' } },
              securityContext: {
                runAsUser: 0,
                runAsNonRoot: false,
                privileged: false,
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
                seccompProfile: { type: 'RuntimeDefault' },
              },
              volumeMounts: [
                { name: 'profiles', mountPath: '/profiles', readOnly: true },
                { name: 'seccomp', mountPath: '/host/seccomp' },
                { name: 'state', mountPath: '/run/state' },
              ],
            },
          ],
          volumes: [
            {
              name: 'profiles',
              configMap: {
                name,
                items: [
                  { key: 'install.sh', path: 'install.sh' },
                  ...files.map(({ path }) => ({ key: keyOf(path), path: `files/${path}` })),
                ],
              },
            },
            {
              name: 'seccomp',
              hostPath: {
                path: `${kubeletRoot}/${kubernetesFacts.kubeletRoot.seccomp}`,
                type: 'DirectoryOrCreate',
              },
            },
            { name: 'state', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
          ],
        },
      },
    },
  };
  const document = new Document(object, PLAIN);
  document.commentBefore = [
    ' Root is needed because the kubelet’s directory belongs to root; every capability is dropped, so it may write there as',
    ' the owner and do nothing else. The one host path is the only thing of the node that it sees.',
  ].join('\n');
  return document;
}

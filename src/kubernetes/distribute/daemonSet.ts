import { Document } from 'yaml';
import { CallgateError } from '../../error.js';
import { kubernetesFacts } from '../facts.js';
import { installScript } from './installScript.js';
import { sha256 } from './sha256.js';

export interface InstalledFile {
  /** Below the kubelet's seccomp directory, e.g. `profiles/web.json`. */
  readonly path: string;
  readonly text: string;
}

export interface DaemonSetOptions {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly kubeletRoot: string;
  /** Takes the files away again, where such a DaemonSet put them. */
  readonly remove: boolean;
  readonly overwrite: boolean;
}

/** A ConfigMap holds at most 1 MiB, with its keys and the script. */
const MOST_BYTES = 1_000_000;

/**
 * A DaemonSet with its ConfigMap that installs profiles on every Linux node, as YAML.
 *
 * @throws CallgateError `INPUT` for more than a ConfigMap holds
 */
export async function daemonSet(files: readonly InstalledFile[], options: DaemonSetOptions): Promise<string> {
  const data = Object.fromEntries(files.map(({ path, text }) => [keyOf(path), text]));
  const bytes = new TextEncoder().encode(JSON.stringify(data)).length;
  if (bytes > MOST_BYTES)
    throw new CallgateError('INPUT', `the profiles have ${bytes} bytes, a ConfigMap holds 1 MiB`, {
      hint: 'put them into several, each with a --name of its own',
    });
  const documents = [
    configMap(options, { 'install.sh': installScript, ...data }),
    await workload(files, options, JSON.stringify(data)),
  ];
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n');
}

/** No anchors where the same object stands twice. */
const PLAIN = { aliasDuplicateObjects: false } as const;

/** A ConfigMap's keys have no slash. */
const keyOf = (path: string): string => path.replaceAll('/', '--');

const labelsOf = ({ name }: DaemonSetOptions): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/managed-by': 'callgate',
});

function configMap(options: DaemonSetOptions, data: Readonly<Record<string, string>>): Document {
  const { name, namespace } = options;
  return new Document(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: labelsOf(options) }, data },
    PLAIN,
  );
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

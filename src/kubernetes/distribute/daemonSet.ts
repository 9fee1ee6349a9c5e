import type { Document } from 'yaml';
import { configMap } from './configMap.js';
import { dataOf, type InstalledFile, keyOf } from './installedFile.js';
import { installScript } from './installScript.js';
import { nodeDaemonSet, ROOT, seccompVolume, yamlText } from './nodeDaemonSet.js';
import type { ObjectNames } from './objectNames.js';
import { sha256 } from './sha256.js';

/** How the installers of a cluster are started. */
export interface DaemonSetOptions extends ObjectNames {
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
  return yamlText([
    configMap(options, { 'install.sh': installScript, ...data }),
    await workload(files, options, JSON.stringify(data)),
  ]);
}

async function workload(
  files: readonly InstalledFile[],
  options: DaemonSetOptions,
  content: string,
): Promise<Document> {
  const { name, image, kubeletRoot, remove, overwrite } = options;
  const environment = {
    NAME: name,
    MODE: remove ? 'remove' : 'keep',
    ...(overwrite ? { OVERWRITE: '1' } : {}),
  };
  return nodeDaemonSet(options, {
    annotations: { 'checksum/profiles': await sha256(content + installScript) },
    terminationGracePeriodSeconds: 5,
    container: {
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
      securityContext: ROOT,
      volumeMounts: [
        { name: 'profiles', mountPath: '/profiles', readOnly: true },
        { name: 'seccomp', mountPath: '/host/seccomp' },
        { name: 'state', mountPath: '/run/state' },
      ],
    },
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
      seccompVolume(kubeletRoot),
      { name: 'state', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ],
    comment: [
      'Root is needed because the kubelet’s directory belongs to root; every capability is dropped, so it may write there as',
      'the owner and do nothing else. The one host path is the only thing of the node that it sees.',
    ],
  });
}

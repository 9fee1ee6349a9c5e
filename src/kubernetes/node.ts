import type { ContextInput } from '../engine/contextInput.js';
import { distroPackages } from '../engine/distro.js';
import type { PackageSet } from '../engine/packages.js';
import { upstreamVersion } from '../engine/packageVersion.js';
import { parseTarget } from '../engine/target.js';
import { CallgateError } from '../error.js';
import { field, textMembers, textOf } from '../profile/fields.js';
import { kubernetesVersion } from './facts.js';
import type { ManifestObject } from './manifests.js';

/** A node, as far as seccomp depends on it. */
export interface ClusterNode {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly windows: boolean;
  /** The kubelet's release, two numbers; absent: not said. */
  readonly kubernetes?: string;
  readonly words: Pick<
    ContextInput,
    'engine' | 'runtime' | 'libseccomp' | 'kernel' | 'arch' | 'hostArch' | 'hostKernel' | 'like' | 'packages'
  >;
  /** What the node does not tell, in words. */
  readonly unknown: readonly string[];
  /** Why nothing can be said of its containers; absent: something can. */
  readonly unsupported?: string;
}

/** What the user knows of all nodes and no node tells. */
export interface NodeWords {
  readonly runtime?: string;
  readonly libseccomp?: string;
  readonly kernel?: string;
  readonly arch?: string;
  /** Where no word says another one. */
  readonly hostArch?: string;
}

const ENGINES: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  'cri-o': 'cri-o',
  docker: 'docker',
};

/** A node from `status.nodeInfo` of its object. */
export function nodeOf(object: ManifestObject, words: NodeWords = {}): ClusterNode {
  const info = field(object.node, 'status', 'nodeInfo');
  const said = (key: string): string | undefined => textOf(field(info, key));
  const labels = new Map(
    [...textMembers(field(object.node, 'metadata', 'labels'))].map(([key, { text }]) => [key, text]),
  );
  const windows = (said('operatingSystem') ?? labels.get('kubernetes.io/os')) === 'windows';
  const kubelet = said('kubeletVersion');
  const base = {
    name: object.name,
    labels,
    windows,
    ...(kubelet === undefined ? {} : { kubernetes: kubernetesVersion(kubelet) }),
  };
  if (windows) return { ...base, words: {}, unknown: [] };
  const [, name = '', version = ''] = /^([\w-]+):\/\/(.+)$/.exec(said('containerRuntimeVersion') ?? '') ?? [];
  const engine = ENGINES[name];
  const release = upstreamVersion(version);
  if (engine === undefined || release === undefined) {
    const runtime = said('containerRuntimeVersion');
    const unsupported =
      runtime === undefined
        ? 'it has no nodeInfo.containerRuntimeVersion'
        : `its container runtime ${runtime} is not known to callgate`;
    return { ...base, words: {}, unknown: [], unsupported };
  }
  const kernel = said('kernelVersion');
  const arch = words.arch ?? said('architecture');
  const packages = packagesOf(said('osImage') ?? '', engine, version);
  const unknown: string[] = [];
  if (words.runtime === undefined && packages === undefined)
    unknown.push(
      'which runtime release (nodeInfo does not say; the one that the engine was built with stands for it)',
    );
  if (words.libseccomp === undefined && packages === undefined)
    unknown.push(
      'which libseccomp (nodeInfo does not say; the one of that runtime’s own release stands for it)',
    );
  if (kernel === undefined && words.kernel === undefined) unknown.push('which kernel');
  if (arch === undefined) unknown.push('which architecture (x86_64 is assumed)');
  return {
    ...base,
    words: {
      engine: `${engine}@${release}`,
      ...given(words),
      ...(arch === undefined ? {} : { arch }),
      ...(kernel === undefined ? {} : { hostKernel: kernel }),
      ...(packages === undefined ? {} : { packages }),
    },
    unknown,
  };
}

/**
 * A node that a word describes: `containerd@1.7.27+crun@1.21+linux@5.15`, with `NAME=` in front or without.
 *
 * @example nodeOfWord('gpu=cri-o@1.30+crun@1.21').name // 'gpu'
 */
export function nodeOfWord(word: string, words: NodeWords = {}): ClusterNode {
  const [, name, context = word] = /^([\w.-]+)=(.+)$/.exec(word) ?? [];
  const like = parseTarget(context);
  if (like.kind !== 'context')
    throw new CallgateError('USAGE', `"${context}" is not a node`, {
      expected: 'such as containerd@1.7.27+linux@5.15 or gpu=cri-o@1.30+crun@1.21',
    });
  const { arch, hostArch } = words;
  return {
    name: name ?? context,
    labels: new Map([['kubernetes.io/os', 'linux']]),
    windows: false,
    words: {
      like,
      ...given(words),
      ...(arch === undefined ? {} : { arch }),
      ...(hostArch === undefined ? {} : { hostArch }),
    },
    unknown: [],
  };
}

function given({ runtime, libseccomp, kernel }: NodeWords): NodeWords {
  return {
    ...(runtime === undefined ? {} : { runtime }),
    ...(libseccomp === undefined ? {} : { libseccomp }),
    ...(kernel === undefined ? {} : { kernel }),
  };
}

/** A distribution's own package of the engine says which runtime and libseccomp are beside it. */
function packagesOf(osImage: string, engine: string, version: string): PackageSet | undefined {
  const [, release] = /^Debian GNU\/Linux (\d+)/.exec(osImage) ?? [];
  // Repacked sources (~ds1, +ds1) are Debian's; docker.com's packages have none of it.
  if (release === undefined || engine !== 'containerd' || !/[~+]ds/.test(version)) return undefined;
  const packages = distroPackages({ name: 'debian', version: release });
  const packaged = packages.versions.containerd;
  if (packaged === undefined || upstreamVersion(packaged) !== upstreamVersion(version)) return undefined;
  return { ...packages, engine: 'containerd', complete: true };
}

import type { Position } from '../error.js';
import { field, textOf } from '../profile/fields.js';
import type { Node } from '../profile/node.js';
import type { Container } from './container.js';
import { atLeast, type ClusterSettings, kubernetesFacts } from './facts.js';
import type { Pod, Workload } from './workload.js';

/** What seccomp a container asks for, after Kubernetes has decided which of several places counts. */
export interface EffectiveProfile {
  readonly type: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  /** As in the manifest, relative to the kubelet's seccomp directory. */
  readonly localhostProfile?: string;
  /** As the kubelet hands it to the container runtime. */
  readonly path?: string;
  /** `instead`: what the question supposes, not what the manifest says. */
  readonly from: 'container' | 'pod' | 'container annotation' | 'pod annotation' | 'kubelet' | 'instead';
  readonly at?: Position;
  /** The API server refuses the pod, or the container cannot be created; in words. */
  readonly refused?: string;
  readonly notes: readonly string[];
}

type Asked = Pick<EffectiveProfile, 'type' | 'localhostProfile' | 'refused'>;
type Found = Asked & { readonly from: EffectiveProfile['from']; readonly at: number };

const { annotations, fields, seccompDefault, kubeletRoot } = kubernetesFacts;

/**
 * The profile that a container gets: its own field wins over its annotation, over the pod's field, over the pod's
 * annotation, over the kubelet's default (pkg/kubelet/kuberuntime: getSeccompProfile), as far as the release reads them.
 */
export function effectiveProfile(
  { pod, place }: Workload,
  container: Container,
  cluster: ClusterSettings,
): EffectiveProfile {
  const notes: string[] = [];
  const readsFields = atLeast(cluster.version, fields.since);
  const readsAnnotations = !atLeast(cluster.version, annotations.apiServerUntil);
  const own = fieldProfile(container.securityContext, 'container');
  const shared = fieldProfile(pod.securityContext, 'pod');
  const ownNote = annotationProfile(
    pod,
    annotations.containerPrefix + container.name,
    'container annotation',
  );
  const podNote = annotationProfile(pod, annotations.pod, 'pod annotation');
  if (!readsFields && (own ?? shared) !== undefined)
    notes.push(`Kubernetes ${cluster.version} does not know seccompProfile, which came with ${fields.since}`);
  const dead = readsAnnotations ? undefined : (ownNote ?? podNote);
  if (dead !== undefined)
    notes.push(
      `the ${dead.from} is not read: Kubernetes gave it up with ${annotations.apiServerUntil}; write seccompProfile`,
    );
  else if ((ownNote ?? podNote) !== undefined && atLeast(cluster.version, annotations.kubeletUntil))
    notes.push(
      `the annotation counts only because the API server of ${cluster.version} writes it into the field; static pods lose it`,
    );
  const candidates = [
    readsFields ? own : undefined,
    readsAnnotations ? ownNote : undefined,
    readsFields ? shared : undefined,
    readsAnnotations ? podNote : undefined,
  ];
  const found = candidates.find((candidate) => candidate !== undefined);
  if (found === undefined) return { ...kubeletDefault(cluster), notes };
  const { at, ...asked } = found;
  const path =
    asked.localhostProfile === undefined || asked.refused !== undefined
      ? undefined
      : `${cluster.kubeletRoot}/${kubeletRoot.seccomp}/${asked.localhostProfile}`;
  const windows = pod.osName === 'windows' && (asked.from === 'container' || asked.from === 'pod');
  return {
    ...asked,
    ...(windows ? { refused: 'seccompProfile may not be set where os.name is windows' } : {}),
    at: place(at),
    ...(path === undefined ? {} : { path }),
    notes,
  };
}

function kubeletDefault({ version, seccompDefault: on }: ClusterSettings): Omit<EffectiveProfile, 'notes'> {
  const counts = on && atLeast(version, seccompDefault.alpha);
  return { type: counts ? 'RuntimeDefault' : 'Unconfined', from: 'kubelet' };
}

function fieldProfile(securityContext: Node | undefined, from: 'container' | 'pod'): Found | undefined {
  const profile = field(securityContext, 'seccompProfile');
  if (profile === undefined) return undefined;
  const type = textOf(field(profile, 'type'));
  const file = textOf(field(profile, 'localhostProfile'));
  const at = profile.at;
  switch (type) {
    case 'RuntimeDefault':
    case 'Unconfined':
      return file === undefined
        ? { type, from, at }
        : { type, from, at, refused: 'localhostProfile may only be set where type is Localhost' };
    case 'Localhost':
      return { ...localhost(file ?? ''), from, at };
    default: {
      const said = type === undefined ? 'no type' : `the type "${type}"`;
      const refused = `seccompProfile has ${said}; valid are Localhost, RuntimeDefault, Unconfined`;
      return { type: 'Unconfined', from, at, refused };
    }
  }
}

/** validateLocalDescendingPath (pkg/apis/core/validation). */
function localhost(file: string): Asked {
  const type = 'Localhost';
  if (file === '') return { type, refused: 'localhostProfile must be set where type is Localhost' };
  if (file.startsWith('/'))
    return {
      type,
      localhostProfile: file,
      refused: 'localhostProfile must be a path relative to the kubelet’s seccomp directory',
    };
  if (file.split('/').includes('..'))
    return { type, localhostProfile: file, refused: 'localhostProfile may not contain ".."' };
  return { type, localhostProfile: file };
}

function annotationProfile(pod: Pod, key: string, from: Found['from']): Found | undefined {
  const found = pod.annotations.get(key);
  if (found === undefined) return undefined;
  const { text, at } = found;
  if (text === 'runtime/default' || text === 'docker/default') return { type: 'RuntimeDefault', from, at };
  if (text === 'unconfined') return { type: 'Unconfined', from, at };
  if (text.startsWith('localhost/')) return { ...localhost(text.slice('localhost/'.length)), from, at };
  return { type: 'Unconfined', from, at, refused: `"${text}" is not a seccomp profile` };
}

import type { Context } from '../engine/context.js';
import { resolveContext } from '../engine/resolveContext.js';
import { CallgateError } from '../error.js';
import type { Profile } from '../profile/profile.js';
import type { Container } from './container.js';
import { atLeast, type ClusterSettings, kubernetesFacts } from './facts.js';
import type { Pool } from './pool.js';
import { type EffectiveProfile, effectiveProfile } from './seccompProfile.js';
import type { Workload } from './workload.js';

/** A container on a pool of nodes: what seccomp it gets there. */
export type Placement = {
  readonly profile: EffectiveProfile;
  readonly notes: readonly string[];
} & (
  | { readonly kind: 'context'; readonly context: Context }
  /** Not created: the API server, the kubelet or the container runtime refuses, in words. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Cannot be told: a file that is not at hand, a sandbox with a kernel of its own. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Windows has no seccomp. */
  | { readonly kind: 'none'; readonly reason: string }
);

/** What a file of the kubelet's seccomp directory holds; undefined: nobody said where the files are. */
export type LocalhostFiles = (localhostProfile: string) => Profile | 'missing' | undefined;

/** What the manifests do not say: the cluster, the profiles on its nodes, its RuntimeClasses. */
export interface PlacementOptions {
  readonly cluster: ClusterSettings;
  readonly localhost: LocalhostFiles;
  /** RuntimeClass names to their handlers. */
  readonly handlers: ReadonlyMap<string, string>;
  /** Takes the place of what the manifest asks for. */
  readonly instead?: EffectiveProfile;
}

/** Settings as one pool has them: its kubelets' release is the node's own. */
function clusterOn({ kubernetes }: Pool, cluster: ClusterSettings): ClusterSettings {
  return kubernetes === undefined ? cluster : { ...cluster, version: kubernetes };
}

/** Where Kubernetes, the engine and the runtime leave one container of a workload. */
export async function placementOf(
  workload: Workload,
  container: Container,
  pool: Pool,
  options: PlacementOptions,
): Promise<Placement> {
  const cluster = clusterOn(pool, options.cluster);
  const profile = options.instead ?? effectiveProfile(workload, container, cluster);
  const notes = [...profile.notes];
  const base = { profile, notes };
  if (profile.refused !== undefined) return { ...base, kind: 'refused', message: profile.refused };
  if (pool.unsupported !== undefined)
    return { ...base, kind: 'unknown', reason: `${pool.name}: ${pool.unsupported}` };
  if (pool.windows || workload.pod.windows || pool.context === undefined)
    return { ...base, kind: 'none', reason: 'Windows containers have no seccomp' };
  const runtime = runtimeOf(workload, options.handlers);
  if ('reason' in runtime) return { ...base, kind: 'unknown', reason: runtime.reason };
  const seccomp = seccompInput(container, profile, pool.context.engine, options.localhost, notes);
  if ('message' in seccomp) return { ...base, kind: 'refused', message: seccomp.message };
  if ('reason' in seccomp) return { ...base, kind: 'unknown', reason: seccomp.reason };
  artifactNotes(workload, container, pool.context.engine, profile, notes);
  try {
    const resolved = await resolveContext({
      ...pool.words,
      ...runtime,
      ...seccomp,
      capAdd: container.capAdd,
      capDrop: container.capDrop,
      privileged: container.privileged,
    });
    const own = resolved.notes.filter(({ kind }) => kind === 'capability-prefix');
    return {
      ...base,
      notes: [...notes, ...own.map(({ text }) => text)],
      kind: 'context',
      context: resolved.context,
    };
  } catch (error) {
    if (!(error instanceof CallgateError) || error.code !== 'INPUT') throw error;
    return { ...base, kind: 'refused', message: error.message };
  }
}

type SeccompInput =
  | { readonly securityOpt?: readonly string[]; readonly profile?: Profile }
  | { readonly message: string }
  | { readonly reason: string };

function seccompInput(
  { privileged }: Container,
  { type, localhostProfile, path }: EffectiveProfile,
  engine: Context['engine'],
  localhost: LocalhostFiles,
  notes: string[],
): SeccompInput {
  if (privileged) {
    if (type !== 'Unconfined')
      notes.push(`privileged: ${engine.name} sets no filter, whatever the manifest asks for`);
    return { securityOpt: ['seccomp=unconfined'] };
  }
  switch (type) {
    case 'Unconfined':
      return { securityOpt: ['seccomp=unconfined'] };
    case 'RuntimeDefault':
      return {};
    case 'Localhost': {
      const file = localhost(localhostProfile ?? '');
      if (file === 'missing') return { message: missingFile(engine, path ?? '') };
      return file === undefined
        ? { reason: `what ${path} holds is not known: say where such files are with --localhost-root` }
        : { profile: file };
    }
  }
}

/** In the engine's own words (containerd pkg/cri/server: generateSeccompSecurityProfile; cri-o internal/config/seccomp). */
function missingFile({ name }: Context['engine'], path: string): string {
  const open = `open ${path}: no such file or directory`;
  switch (name) {
    case 'containerd':
      return `failed to create containerd container: cannot load seccomp profile "${path}": ${open}`;
    case 'cri-o':
      return `setup seccomp: unable to load local profile "${path}": ${open}`;
    case 'docker':
    case 'podman':
    case 'buildah':
      return `cannot load seccomp profile "${path}": ${open}`;
  }
}

/** CRI-O may take a profile from a registry in place of none. */
function artifactNotes(
  { pod }: Workload,
  { name }: Container,
  engine: Context['engine'],
  { type }: EffectiveProfile,
  notes: string[],
): void {
  if (engine.name !== 'cri-o' || type !== 'Unconfined') return;
  for (const { name: annotation, since } of kubernetesFacts.artifact.annotations) {
    const found = pod.annotations.get(`${annotation}/${name}`) ?? pod.annotations.get(`${annotation}/POD`);
    if (found === undefined || !atLeast(engine.version, since)) continue;
    notes.push(
      `where allowed_annotations of its runtime lists ${annotation}, CRI-O takes the profile of the artifact ${found.text} instead of none`,
    );
  }
}

/** The low-level runtime that a RuntimeClass stands for; empty: the node's usual one. */
function runtimeOf(
  { pod }: Workload,
  handlers: PlacementOptions['handlers'],
): { readonly runtime?: string } | { readonly reason: string } {
  const { runtimeClass } = pod;
  if (runtimeClass === undefined) return {};
  const handler = handlers.get(runtimeClass) ?? runtimeClass;
  const { runtimes, sandboxed } = kubernetesFacts.handlers;
  const [word = ''] = handler.split('@');
  if (runtimes.includes(word)) return { runtime: handler };
  const sandbox = Object.entries(sandboxed).find(([prefix]) => word.startsWith(prefix));
  if (sandbox !== undefined) return { reason: `runtime class ${runtimeClass}: ${sandbox[1]}` };
  return {
    reason: `which runtime the class ${runtimeClass} (handler ${handler}) means is not known: say it with --runtime-class ${runtimeClass}=runc|crun[@VERSION]`,
  };
}

import { boolOf, field } from '../../profile/fields.js';
import type { Container } from '../container.js';
import { atLeast, type ClusterSettings, kubernetesFacts } from '../facts.js';
import { type EffectiveProfile, effectiveProfile } from '../seccompProfile.js';
import type { Workload } from '../workload.js';

/** What a mapping shall hold; a list shall contain the words given, whatever else it has. */
export interface Wanted {
  readonly [key: string]: string | boolean | readonly string[] | Wanted;
}

export interface Wish {
  /** Offset of the mapping in the text. */
  readonly at: number;
  readonly wanted: Wanted;
  /** The mapping is a pod's specification, where new keys stand best at the top. */
  readonly atTop: boolean;
}

/** What every pod is to get. */
export interface HardenOptions {
  /** `seccomp`: the profile only; `restricted`: what the Pod Security level asks for beside it. */
  readonly level: 'seccomp' | 'restricted';
  readonly profile: { readonly type: 'RuntimeDefault' | 'Localhost'; readonly localhostProfile?: string };
  /** Leave what says Unconfined in so many words. */
  readonly keepUnconfined: boolean;
  readonly cluster: ClusterSettings;
}

export interface Wishes {
  readonly wishes: readonly Wish[];
  readonly notes: readonly string[];
}

/** Why nothing of a workload is to be changed; undefined: nothing speaks against it. */
export function leftAlone({ pod }: Workload): string | undefined {
  if (pod.windows) return 'Windows pods have no seccomp, and the API server refuses it there';
  if (pod.containers.some(({ image }) => image === ''))
    return 'a container without an image: this looks like a patch for another manifest';
  return undefined;
}

/** What must change in a workload's manifest. Nothing is wished that holds already. */
export function wishesFor(workload: Workload, options: HardenOptions): Wishes {
  const { pod } = workload;
  const notes: string[] = [];
  const effective = pod.containers.map(
    (container) => [container, effectiveProfile(workload, container, options.cluster)] as const,
  );
  const own: Wish[] = [];
  let shared = false;
  for (const [container, profile] of effective) {
    notes.push(...profile.notes.map((note) => `${container.name}: ${note}`));
    const keep = options.keepUnconfined && profile.type === 'Unconfined' && profile.at !== undefined;
    if (profile.refused !== undefined) notes.push(`${container.name}: ${profile.refused}; left as it is`);
    else if (keep) notes.push(`${container.name} stays Unconfined, as the manifest says`);
    else if (profile.from === 'container' && profile.type === 'Unconfined')
      own.push(containerWish(container, { seccompProfile: { ...options.profile } }));
    else if (profile.from === 'container annotation')
      own.push(containerWish(container, { seccompProfile: written(profile, options) }));
    else if (profile.from !== 'container' && profile.from !== 'pod') shared = true;
    else if (profile.from === 'pod' && profile.type === 'Unconfined') shared = true;
    if (profile.from.endsWith('annotation'))
      notes.push(`${container.name}: the ${profile.from} says the same now and can go`);
  }
  const fromAnnotation = effective.find(([, { from }]) => from === 'pod annotation')?.[1];
  const podWanted: Wanted = {
    ...(shared
      ? {
          seccompProfile:
            fromAnnotation === undefined ? { ...options.profile } : written(fromAnnotation, options),
        }
      : {}),
    ...(options.level === 'restricted' ? nonRoot(workload) : {}),
  };
  if (options.level === 'restricted')
    for (const container of pod.containers) own.push(...restrictedWishes(container, notes));
  const wishes = [
    ...(Object.keys(podWanted).length === 0
      ? []
      : [{ at: pod.spec.at, wanted: { securityContext: podWanted }, atTop: true }]),
    ...joined(own),
  ];
  if (!atLeast(options.cluster.version, kubernetesFacts.fields.since))
    notes.push(`Kubernetes ${options.cluster.version} does not read seccompProfile yet`);
  return { wishes, notes };
}

/** An annotation's profile as a field; Unconfined becomes what is asked for. */
function written({ type, localhostProfile }: EffectiveProfile, { profile }: HardenOptions): Wanted {
  if (type === 'Localhost' && localhostProfile !== undefined) return { type, localhostProfile };
  return type === 'RuntimeDefault' ? { type } : { ...profile };
}

function containerWish({ node }: Container, securityContext: Wanted): Wish {
  return { at: node.at, wanted: { securityContext }, atTop: false };
}

function nonRoot({ pod }: Workload): Wanted {
  const shared = boolOf(field(pod.securityContext, 'runAsNonRoot'));
  const open = pod.containers.some(
    ({ securityContext }) => boolOf(field(securityContext, 'runAsNonRoot')) === undefined,
  );
  return open && shared !== true ? { runAsNonRoot: true } : {};
}

/** What the level restricted asks of each container; what would break or be refused is told instead. */
function restrictedWishes(container: Container, notes: string[]): readonly Wish[] {
  const { name, privileged, capAdd, capDrop, securityContext } = container;
  if (privileged || capAdd.some((cap) => /^(CAP_)?SYS_ADMIN$|^ALL$/.test(cap))) {
    notes.push(
      `${name} is privileged or has SYS_ADMIN: the API server refuses allowPrivilegeEscalation: false with that`,
    );
    return [];
  }
  const beyond = capAdd.filter((cap) => cap !== 'NET_BIND_SERVICE');
  if (beyond.length > 0)
    notes.push(`${name} adds ${beyond.join(', ')}, which the level restricted does not allow`);
  if (boolOf(field(securityContext, 'runAsNonRoot')) === false)
    notes.push(`${name} sets runAsNonRoot to false; left as it is`);
  return [
    containerWish(container, {
      ...(container.allowPrivilegeEscalation === false ? {} : { allowPrivilegeEscalation: false }),
      ...(capDrop.includes('ALL') ? {} : { capabilities: { drop: ['ALL'] } }),
    }),
  ].filter(({ wanted }) => Object.keys(wanted['securityContext'] as Wanted).length > 0);
}

/** The wishes for one container as one. */
function joined(wishes: readonly Wish[]): readonly Wish[] {
  const byPlace = new Map<number, Wish>();
  for (const wish of wishes) {
    const known = byPlace.get(wish.at);
    const wanted = {
      ...(known?.wanted['securityContext'] as Wanted),
      ...(wish.wanted['securityContext'] as Wanted),
    };
    byPlace.set(wish.at, { ...wish, wanted: { securityContext: wanted } });
  }
  return [...byPlace.values()];
}

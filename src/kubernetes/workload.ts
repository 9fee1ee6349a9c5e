import type { Position } from '../error.js';
import { boolOf, elementsOf, field, textMembers, textOf } from '../profile/fields.js';
import type { Node } from '../profile/node.js';
import { type Container, containersOf } from './container.js';
import type { ManifestObject } from './manifests.js';

/** Something that makes pods, or a pod. */
export interface Workload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly at: Position;
  readonly place: (offset: number) => Position;
  /** The chart's file it came from. */
  readonly template?: string;
  /** `searched`: a kind that is not known has a pod's specification inside. */
  readonly found: 'known' | 'searched';
  readonly pod: Pod;
}

/** A pod's specification, as far as seccomp and Pod Security look at it. */
export interface Pod {
  readonly annotations: ReadonlyMap<string, { readonly text: string; readonly at: number }>;
  readonly spec: Node;
  readonly securityContext: Node | undefined;
  readonly containers: readonly Container[];
  /** By its `os.name` or its node selector: nothing of seccomp applies. */
  readonly windows: boolean;
  readonly osName?: string;
  /** `hostUsers: false`: the pod has a user namespace of its own. */
  readonly ownUsers: boolean;
  readonly runtimeClass?: string;
  readonly nodeSelector: ReadonlyMap<string, string>;
}

/** Where known kinds keep the pod's template; the rest of the path of `spec` is the same for all. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  Deployment: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  // argoproj.io
  Rollout: ['spec', 'template'],
  // serving.knative.dev
  Service: ['spec', 'template'],
  Configuration: ['spec', 'template'],
};

/**
 * The pods that an object makes: one, none, or several for custom resources with several templates.
 *
 * @example
 * const { objects } = readManifests('apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}', 'pod.yaml');
 * objects.flatMap(workloadsOf).map(({ kind, name }) => `${kind} ${name}`); // ['Pod web']
 */
export function workloadsOf(object: ManifestObject): readonly Workload[] {
  const known = Object.hasOwn(TEMPLATES, object.kind) ? TEMPLATES[object.kind] : undefined;
  const template = known === undefined ? undefined : field(object.node, ...known);
  if (template !== undefined && isTemplate(template)) return [workload(object, template, 'known')];
  return templatesIn(object.node).map((found) => workload(object, found, 'searched'));
}

function isTemplate(node: Node): boolean {
  return field(node, 'spec', 'containers')?.kind === 'array';
}

/** Levels and values of a custom resource that are looked through. */
const DEEPEST = 8;
const MOST_VALUES = 20_000;

function templatesIn(root: Node): readonly Node[] {
  const found: Node[] = [];
  let left = MOST_VALUES;
  const visit = (node: Node, depth: number): void => {
    if (depth > DEEPEST || left-- <= 0) return;
    if (node.kind === 'object') {
      if (isTemplate(node)) found.push(node);
      else for (const { value } of node.members()) visit(value, depth + 1);
    } else if (node.kind === 'array') for (const element of elementsOf(node)) visit(element, depth + 1);
  };
  visit(root, 0);
  return found;
}

function workload(object: ManifestObject, template: Node, found: Workload['found']): Workload {
  const { apiVersion, kind, name, namespace, at, place, template: file } = object;
  const spec = field(template, 'spec') ?? template;
  const runtimeClass = textOf(field(spec, 'runtimeClassName'));
  const selector = textMembers(field(spec, 'nodeSelector'));
  const osName = textOf(field(spec, 'os', 'name'));
  const os = osName ?? selector.get('kubernetes.io/os')?.text;
  return {
    apiVersion,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    at,
    place,
    ...(file === undefined ? {} : { template: file }),
    found,
    pod: {
      annotations: textMembers(field(template, 'metadata', 'annotations')),
      spec,
      securityContext: field(spec, 'securityContext'),
      containers: containersOf(spec),
      windows: os?.toLowerCase() === 'windows',
      ...(osName === undefined ? {} : { osName }),
      ownUsers: boolOf(field(spec, 'hostUsers')) === false,
      ...(runtimeClass === undefined ? {} : { runtimeClass }),
      nodeSelector: new Map([...selector].map(([key, { text }]) => [key, text])),
    },
  };
}

import type { Command } from 'commander';
import {
  type ExplainedCall,
  type ExplainedContainer,
  type ExplainedPlacement,
  type ExplainedWorkload,
  explainWorkloads,
} from '../../../kubernetes/explain.js';
import type { Io } from '../../io/io.js';
import { addFormat } from '../../output/format.js';
import { casesJson, contextJson, jsonText, SCHEMA_VERSION } from '../../output/json.js';
import { type Cluster, loadCluster } from './cluster.js';
import { explainText } from './explainText.js';
import { addClusterFlags, addManifestFlags, type ClusterFlags, type ManifestFlags } from './flags.js';
import { type LoadedManifests, loadManifests } from './manifestFiles.js';
import { poolJson } from './poolJson.js';

interface Flags extends ManifestFlags, ClusterFlags {
  readonly call?: readonly string[];
  readonly format: 'human' | 'json';
}

const splitCalls = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  // Commas inside parentheses are a call's own.
  ...value.split(/,(?![^(]*\))/).map((call) => call.trim()),
];

export function defineExplain(command: Command, io: Io, exit: (code: number) => void): void {
  addFormat(addClusterFlags(addManifestFlags(command)), ['human', 'json'])
    .description(
      'Say what seccomp every container of a manifest gets on each node, and where that comes from.',
    )
    .argument('[manifests...]', 'YAML or JSON files, directories, - for what helm or kustomize prints')
    .option('--call <CALLS>', 'what these calls get: clone3,fchmodat2; may be repeated', splitCalls)
    .addHelpText(
      'after',
      `
Kubernetes decides between container, pod, annotation and the kubelet's default; the node's engine decides what
RuntimeDefault is and how a Localhost file is read (containerd takes it for plain OCI seccomp: conditions are lost);
the runtime and its libseccomp decide what is answered to a call. Pod Security is what the pod-security admission
plugin of --kubernetes would say.

Exit: 0; 1 when a container is not created on one of the nodes; 2 for bad input.

Examples:
  callgate k8s explain pod.yaml --node containerd@1.7.27 --node cri-o@1.30+crun --call clone3,fchmodat2
  helm template ./chart | callgate k8s explain - --nodes nodes.json
  callgate k8s explain --live -n shop --call 'socket(AF_ALG)' --format json
  callgate k8s explain ./manifests --node containerd@2.1 --localhost-root ./profiles
`,
    )
    .action(async (words: readonly string[], flags: Flags) => {
      const manifests = await loadManifests(words, flags, io);
      const cluster = await loadCluster(flags, manifests.objects, io);
      const calls = flags.call ?? [];
      const explained = await explainWorkloads(manifests.workloads, { ...cluster, calls });
      io.out(
        flags.format === 'json'
          ? jsonText(explainJson(explained, manifests, cluster))
          : await explainText(explained, manifests, cluster, calls, io),
      );
      const refused = explained.some(({ containers }) =>
        containers.some(({ pools }) => pools.some((placement) => placement.refused !== undefined)),
      );
      exit(refused ? 1 : 0);
    });
}

function explainJson(
  explained: readonly ExplainedWorkload[],
  { skipped, notes }: LoadedManifests,
  { pools, cluster, notes: clusterNotes }: Cluster,
): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    kubernetes: cluster,
    nodes: pools.map(poolJson),
    workloads: explained.map(workloadJson),
    skipped: Object.fromEntries(skipped),
    notes: [...notes, ...clusterNotes],
  };
}

function workloadJson({ workload, podSecurity, containers }: ExplainedWorkload): object {
  const { apiVersion, kind, name, namespace, at, template, found, pod } = workload;
  return {
    apiVersion,
    kind,
    name,
    namespace: namespace ?? null,
    at,
    ...(template === undefined ? {} : { template }),
    found,
    ...(pod.runtimeClass === undefined ? {} : { runtimeClass: pod.runtimeClass }),
    podSecurity,
    containers: containers.map(containerJson),
  };
}

function containerJson({ container, noNewPrivileges, pools }: ExplainedContainer): object {
  const { name, role, image, privileged, capAdd, capDrop } = container;
  return { name, role, image, privileged, noNewPrivileges, capAdd, capDrop, nodes: pools.map(placementJson) };
}

function placementJson({ pool, placement, refused, unknown, calls, reading }: ExplainedPlacement): object {
  const { notes: _, ...seccompProfile } = placement.profile;
  return {
    node: pool.name,
    seccompProfile,
    ...(placement.kind === 'context' ? { context: contextJson(placement.context) } : {}),
    ...(placement.kind === 'none' ? { none: placement.reason } : {}),
    ...(refused === undefined ? {} : { refused }),
    ...(unknown === undefined ? {} : { unknown }),
    ...(calls.length === 0 ? {} : { calls: calls.map(callJson) }),
    ...(reading === undefined ? {} : { reading }),
    notes: placement.notes,
  };
}

function callJson({ call, answer, effect }: ExplainedCall): object {
  const { name, number, abi } = call;
  return {
    syscall: name ?? null,
    number: number ?? null,
    abi,
    ...(answer === undefined ? { absent: `${abi} has no such call` } : { verdict: answer.verdict }),
    ...(answer?.cases === undefined ? {} : { cases: casesJson(answer.cases, abi) }),
    ...(effect === undefined ? {} : { effect }),
  };
}

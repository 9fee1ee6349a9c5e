// What the containers of a manifest get on two kinds of node, and the manifest with a profile.
import {
  defaultCluster,
  explainWorkloads,
  harden,
  nodeOfWord,
  poolsOf,
  readManifests,
  workloadsOf,
} from 'callgate';

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: web}
`;
const workloads = readManifests(manifest, 'pod.yaml').objects.flatMap(workloadsOf);
const pools = await poolsOf([nodeOfWord('a=containerd@1.7.27'), nodeOfWord('b=cri-o@1.30')]);
const cluster = { ...defaultCluster, seccompDefault: true };
const options = { pools, calls: ['clone3'], cluster, localhost: () => undefined, handlers: new Map() };

for (const { containers } of await explainWorkloads(workloads, options))
  for (const { pool, calls } of containers.flatMap((container) => container.pools))
    console.log(pool.name, calls.map(({ answer }) => answer?.verdict.errno ?? answer?.verdict.action).join());

const profile = { type: 'RuntimeDefault' };
console.log(harden(manifest, 'pod.yaml', { level: 'seccomp', profile, keepUnconfined: true, cluster }).text);

import type { Command } from 'commander';
import { CallgateError } from '../../../error.js';
import { verdictWord } from '../../../explain/verdict.js';
import { kubernetesFacts } from '../../../kubernetes/facts.js';
import {
  type Impact,
  type ImpactRow,
  type ImpactTarget,
  impactOf,
  type LostCall,
} from '../../../kubernetes/impact.js';
import { type Needs, readNeeds } from '../../../kubernetes/needs.js';
import { nodeOfWord } from '../../../kubernetes/node.js';
import type { LocalhostFiles } from '../../../kubernetes/placement.js';
import { type Pool, poolsOf } from '../../../kubernetes/pool.js';
import { readProfile } from '../../../profile/read.js';
import { hostWords } from '../../context/contextFlags.js';
import type { Io } from '../../io/io.js';
import { addFormat } from '../../output/format.js';
import { jsonText, SCHEMA_VERSION } from '../../output/json.js';
import { type Cluster, loadCluster } from './cluster.js';
import { addClusterFlags, addManifestFlags, type ClusterFlags, type ManifestFlags, repeat } from './flags.js';
import { impactText } from './impactText.js';
import { type LoadedManifests, loadManifests } from './manifestFiles.js';
import { poolJson } from './poolJson.js';

interface Flags extends ManifestFlags, ClusterFlags {
  readonly to: string;
  readonly needs?: readonly string[];
  readonly format: 'human' | 'json';
}

export function defineImpact(command: Command, io: Io, exit: (code: number) => void): void {
  addFormat(addClusterFlags(addManifestFlags(command)), ['human', 'json'])
    .description('Say which calls every workload would lose with another profile, or on another node.')
    .argument('[manifests...]', 'YAML or JSON files, directories, - for what helm or kustomize prints')
    .requiredOption(
      '--to <WHAT>',
      'RuntimeDefault, Unconfined, Localhost:FILE, or node=WORD for another node',
    )
    .option(
      '--needs <[PATTERN=]FILE>',
      'calls that are made: of all containers, or of an image or workload (nginx:*, Deployment/web); may be repeated',
      repeat,
    )
    .addHelpText(
      'after',
      `
FILE of --needs is what callgate record or callgate run --report wrote, a profile that lists what is allowed, or text
with one call a line. Without needs every call is told that would run less: what a container might lose.

Exit: 0 when nothing that is needed is lost, 1 when something is (or a container would not be created), 2 for bad input.

Examples:
  callgate k8s impact ./manifests --to RuntimeDefault --node containerd@1.7.27 --node cri-o@1.30+crun
  callgate k8s impact deploy.yaml --to Localhost:strict.json --needs 'registry.example/app:*=app-calls.json'
  callgate k8s impact --live -n shop --to node=containerd@2.1+crun
`,
    )
    .action(async (words: readonly string[], flags: Flags) => {
      const manifests = await loadManifests(words, flags, io);
      const cluster = await loadCluster(flags, manifests.objects, io);
      const needs = (flags.needs ?? []).map((word) => needsFile(word, io));
      const { to, localhost } = await target(flags, cluster, io);
      const rows = await impactOf(manifests.workloads, { ...cluster, localhost, to, needs });
      io.out(
        flags.format === 'json'
          ? jsonText(impactJson(rows, flags.to, manifests, cluster))
          : await impactText(rows, flags.to, manifests, cluster, io),
      );
      exit(rows.some(({ impact }) => isLoss(impact)) ? 1 : 0);
    });
}

function needsFile(word: string, io: Io): Needs {
  const at = word.lastIndexOf('=');
  const [pattern, file] = at < 0 ? ['*', word] : [word.slice(0, at), word.slice(at + 1)];
  const text = new TextDecoder().decode(io.read(file));
  return { pattern, source: file, calls: readNeeds(text, file) };
}

/** A file that is asked for has a name of its own among the kubelet's, so that the manifest's files keep theirs. */
const ASKED = 'as-asked.json';

async function target(
  flags: Flags,
  { localhost, cluster }: Cluster,
  io: Io,
): Promise<{ readonly to: ImpactTarget; readonly localhost: LocalhostFiles }> {
  const { to } = flags;
  const instead = { from: 'instead', notes: [] } as const;
  if (to === 'RuntimeDefault' || to === 'Unconfined')
    return { to: { kind: 'profile', profile: { type: to, ...instead } }, localhost };
  const [, file] = /^Localhost:(.+)$/s.exec(to) ?? [];
  if (file !== undefined) {
    const profile = readProfile(io.read(file), file);
    const path = `${cluster.kubeletRoot}/${kubernetesFacts.kubeletRoot.seccomp}/${ASKED}`;
    return {
      to: { kind: 'profile', profile: { type: 'Localhost', localhostProfile: ASKED, path, ...instead } },
      localhost: (name) => (name === ASKED ? profile : localhost(name)),
    };
  }
  const [, word] = /^node=(.+)$/.exec(to) ?? [];
  if (word === undefined)
    throw new CallgateError('USAGE', `--to ${to}`, {
      expected: 'RuntimeDefault, Unconfined, Localhost:FILE or node=containerd@2.1',
    });
  const pool = (await poolsOf([nodeOfWord(word, { ...hostWords(), ...archOf(flags) })]))[0] as Pool;
  return { to: { kind: 'pool', pool }, localhost };
}

const archOf = ({ arch }: Flags): { readonly arch?: string } => (arch === undefined ? {} : { arch });

/** What may be lost is no loss: nothing says that it is needed. */
function isLoss(impact: Impact): boolean {
  return impact.kind === 'refused' || (impact.kind === 'compared' && impact.needed && impact.lost.length > 0);
}

function impactJson(
  rows: readonly ImpactRow[],
  to: string,
  { skipped, notes }: LoadedManifests,
  { pools, cluster, notes: clusterNotes }: Cluster,
): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    to,
    kubernetes: cluster,
    nodes: pools.map(poolJson),
    rows: rows.map(({ workload, container, pool, impact }) => ({
      kind: workload.kind,
      name: workload.name,
      namespace: workload.namespace ?? null,
      at: workload.at,
      container: container.name,
      role: container.role,
      image: container.image,
      node: pool.name,
      impact:
        impact.kind === 'compared'
          ? { ...impact, lost: impact.lost.map(lostJson), limited: impact.limited.map(lostJson) }
          : impact,
    })),
    skipped: Object.fromEntries(skipped),
    notes: [...notes, ...clusterNotes],
  };
}

const lostJson = ({ call, from, to }: LostCall): object => ({ call, from, to, text: verdictWord(to) });

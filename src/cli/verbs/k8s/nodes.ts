import type { Command } from 'commander';
import type { PolicyDiff } from '../../../explain/diff.js';
import { verdictWord } from '../../../explain/verdict.js';
import { type NodeGroup, nodeGroups } from '../../../kubernetes/nodeGroups.js';
import { readProfile } from '../../../profile/read.js';
import type { Io } from '../../io/io.js';
import { addFormat } from '../../output/format.js';
import { casesJson, jsonText, SCHEMA_VERSION } from '../../output/json.js';
import { paint, wrap } from '../../output/paint.js';
import { namesOf } from '../diff.js';
import { type Cluster, loadCluster } from './cluster.js';
import { addClusterFlags, type ClusterFlags } from './flags.js';
import { poolJson } from './poolJson.js';
import { poolLines } from './poolLines.js';

interface Flags extends ClusterFlags {
  readonly profile?: string;
  readonly format: 'human' | 'json';
}

export function defineNodes(command: Command, io: Io, exit: (code: number) => void): void {
  addFormat(addClusterFlags(command), ['human', 'json'])
    .description(
      'Group nodes by what RuntimeDefault is there, and say every call that the groups answer differently.',
    )
    .option('--live', 'the nodes of the cluster that kubectl is set up for')
    .option('--context <NAME>', 'of kubectl’s configuration')
    .option('--kubeconfig <FILE>', 'kubectl’s configuration')
    .option('--profile <FILE>', 'a Localhost profile in place of RuntimeDefault')
    .addHelpText(
      'after',
      `
Nodes of a group answer every call alike, over all numbers and arguments; that is proved. The other groups are told
as differences to the first one.

Exit: 0 when all nodes are alike, 1 when not, 2 for bad input.

Examples:
  callgate k8s nodes --live
  callgate k8s nodes --nodes nodes.json --format json
  callgate k8s nodes --node containerd@1.6.20 --node containerd@1.7.27 --node cri-o@1.30+crun
`,
    )
    .action(async (flags: Flags) => {
      const cluster = await loadCluster(flags, [], io);
      const profile =
        flags.profile === undefined ? undefined : readProfile(io.read(flags.profile), flags.profile);
      const groups = await nodeGroups(cluster.pools, profile);
      io.out(
        flags.format === 'json'
          ? jsonText(groupsJson(groups, cluster))
          : await groupsText(groups, cluster, io),
      );
      exit(groups.length > 1 ? 1 : 0);
    });
}

function groupsJson(groups: readonly NodeGroup[], { cluster, notes }: Cluster): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    kubernetes: cluster,
    groups: groups.map(({ pools, refused, unknown, difference }) => ({
      nodes: pools.flatMap(({ nodes }) => nodes.map(({ name }) => name)),
      pools: pools.map(poolJson),
      ...(refused === undefined ? {} : { refused }),
      ...(unknown === undefined ? {} : { unknown }),
      ...(difference === undefined ? {} : { difference: differenceJson(difference) }),
    })),
    notes,
  };
}

function differenceJson(difference: PolicyDiff): object {
  return {
    proved: true,
    widened: namesOf(difference, 'widened'),
    narrowed: namesOf(difference, 'narrowed'),
    changes: difference.changes.map(({ syscall, number, abi, from, to }) => ({
      syscall,
      number,
      abi,
      from: from.verdict,
      to: to.verdict,
      ...(from.cases === undefined ? {} : { fromCases: casesJson(from.cases, abi) }),
      ...(to.cases === undefined ? {} : { toCases: casesJson(to.cases, abi) }),
    })),
  };
}

async function groupsText(groups: readonly NodeGroup[], cluster: Cluster, io: Io): Promise<string> {
  const colours = paint(io);
  const lines: string[] = [];
  for (const [index, { pools, refused, unknown, difference }] of groups.entries()) {
    const count = pools.reduce((sum, { nodes }) => sum + nodes.length, 0);
    lines.push(colours.bold(`Group ${index + 1}: ${count} ${count === 1 ? 'node' : 'nodes'}`));
    for (const line of await poolLines({ pools, cluster: cluster.cluster }, io)) lines.push(`  ${line}`);
    if (refused !== undefined)
      lines.push(`  ${colours.red('✗')} ${wrap(`no container starts: ${refused}`, io.columns, '    ')}`);
    if (unknown !== undefined) lines.push(`  ${colours.yellow('?')} ${wrap(unknown, io.columns, '    ')}`);
    if (difference !== undefined) lines.push(...differenceLines(difference, pools[0]?.context?.arch, io));
    lines.push('');
  }
  if (groups.length <= 1) lines.push(`${colours.green('✓')} all nodes answer every call alike (proved)`);
  for (const note of cluster.notes) lines.push(`note: ${wrap(note, io.columns, '      ')}`);
  return `${lines.join('\n')}\n`;
}

function differenceLines(difference: PolicyDiff, native: string | undefined, io: Io): readonly string[] {
  const changes = difference.changes.filter(({ abi }) => abi === native);
  const byChange = new Map<string, string[]>();
  for (const { syscall, from, to } of changes) {
    const key = `${verdictWord(from.verdict)} → ${verdictWord(to.verdict)}`;
    byChange.set(key, [...(byChange.get(key) ?? []), syscall]);
  }
  const others = difference.changes.length - changes.length;
  return [
    `  against group 1, on ${native}:`,
    ...[...byChange].map(
      ([change, names]) => `    ${change}: ${wrap(names.join(', '), io.columns, '      ')}`,
    ),
    ...(difference.unnamed.length > 0 ? ['    and numbers that no call has'] : []),
    ...(others > 0 ? [`    and ${others} calls of other ABIs; see --format json`] : []),
  ];
}

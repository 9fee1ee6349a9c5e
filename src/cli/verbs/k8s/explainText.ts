import { verdictWord } from '../../../explain/verdict.js';
import type {
  ExplainedCall,
  ExplainedContainer,
  ExplainedPlacement,
  ExplainedWorkload,
} from '../../../kubernetes/explain.js';
import type { EffectiveProfile } from '../../../kubernetes/seccompProfile.js';
import { capabilityWords } from '../../context/contextLine.js';
import type { Io } from '../../io/io.js';
import { type Paint, paint, verdictSign, wrap } from '../../output/paint.js';
import { tableText } from '../../output/table.js';
import type { Cluster } from './cluster.js';
import type { LoadedManifests } from './manifestFiles.js';
import { poolLines } from './poolLines.js';
import { skippedLines, workloadTitle } from './words.js';

export async function explainText(
  explained: readonly ExplainedWorkload[],
  manifests: LoadedManifests,
  cluster: Cluster,
  calls: readonly string[],
  io: Io,
): Promise<string> {
  const colours = paint(io);
  const lines = [...(await poolLines(cluster, io)), ''];
  for (const workload of explained) lines.push(...(await workloadLines(workload, calls, io)), '');
  lines.push(...skippedLines(manifests, explained.length, colours));
  for (const note of [...manifests.notes, ...cluster.notes])
    lines.push(`note: ${wrap(note, io.columns, '      ')}`);
  return `${lines.join('\n')}\n`;
}

async function workloadLines(
  { workload, podSecurity, containers }: ExplainedWorkload,
  calls: readonly string[],
  io: Io,
): Promise<readonly string[]> {
  const colours = paint(io);
  const lines = [workloadTitle(workload, colours), `  Pod Security: ${colours.bold(podSecurity.level)}`];
  for (const level of ['baseline', 'restricted'] as const) {
    const missing = podSecurity.findings.filter((finding) => finding.level === level);
    if (missing.length === 0) continue;
    lines.push(`  not ${level}:`);
    for (const { text, at } of missing)
      lines.push(`    - ${text}${at === undefined ? '' : colours.dim(` (line ${at.line})`)}`);
  }
  const rows = (await Promise.all(containers.map((container) => containerRows(container, colours)))).flat();
  const head = ['container', 'node', 'seccomp', 'capabilities', ...calls];
  if (rows.length > 0) lines.push(indented(tableText(head, rows), '  '));
  const remarks = new Set(
    containers.flatMap((container) => container.pools.flatMap((on) => remarksOn(container, on))),
  );
  for (const remark of remarks) lines.push(`  ${colours.yellow('!')} ${wrap(remark, io.columns, '    ')}`);
  return lines;
}

async function containerRows(
  { container, pools }: ExplainedContainer,
  colours: Paint,
): Promise<readonly (readonly string[])[]> {
  const rows: { readonly nodes: string[]; readonly cells: readonly string[] }[] = [];
  for (const on of pools) {
    const cells = await placementCells(on, colours);
    const same = rows.find((row) => row.cells.join('\0') === cells.join('\0'));
    if (same === undefined) rows.push({ nodes: [on.pool.name], cells });
    else same.nodes.push(on.pool.name);
  }
  const role = container.role === 'container' ? '' : ` (${container.role})`;
  return rows.map(({ nodes, cells }, index) => [
    index === 0 ? `${container.name}${role}\n${colours.dim(container.image)}` : '',
    nodes.join('\n'),
    ...cells,
  ]);
}

async function placementCells(
  { placement, refused, unknown, calls }: ExplainedPlacement,
  colours: Paint,
): Promise<readonly string[]> {
  const asked = `${placement.profile.type}${placement.profile.localhostProfile === undefined ? '' : `\n${placement.profile.localhostProfile}`}`;
  const seccomp = `${asked}\n${colours.dim(originWords(placement.profile))}`;
  const capabilities =
    placement.kind !== 'context'
      ? '-'
      : placement.context.privileged
        ? 'all (privileged)'
        : await capabilityWords(placement.context);
  const state =
    refused !== undefined
      ? `\n${colours.red('✗ not created')}`
      : unknown !== undefined
        ? `\n${colours.yellow('? unknown')}`
        : placement.kind === 'none'
          ? '\nno seccomp'
          : '';
  return [`${seccomp}${state}`, capabilities, ...calls.map((call) => callCell(call, colours))];
}

function callCell({ answer, effect }: ExplainedCall, colours: Paint): string {
  if (answer === undefined) return 'no such call';
  const sign = verdictSign(answer.verdict, colours);
  const runs = verdictWord(answer.verdict).startsWith('allowed');
  return runs && effect?.result === 'ENOSYS' ? `${sign}\n${colours.dim('kernel: ENOSYS')}` : sign;
}

function originWords({ from, at }: EffectiveProfile): string {
  const where = at === undefined ? '' : `, line ${at.line}`;
  switch (from) {
    case 'kubelet':
      return 'nothing set: the kubelet’s default';
    case 'container':
    case 'pod':
    case 'container annotation':
    case 'pod annotation':
      return `from the ${from}${where}`;
    case 'instead':
      return 'as asked';
  }
}

function remarksOn(
  { container }: ExplainedContainer,
  { pool, placement, refused, unknown, reading }: ExplainedPlacement,
): readonly string[] {
  const who = `${container.name} on ${pool.name}`;
  return [
    ...(refused === undefined ? [] : [`${who} is not created: ${refused}`]),
    ...(unknown === undefined ? [] : [`${who}: ${unknown}`]),
    ...placement.notes.map((note) => `${container.name}: ${note}`),
    ...(reading === undefined
      ? []
      : [
          `${who}: containerd reads the file as plain OCI seccomp. ${reading.dropped.length} fields are lost, the first: ${reading.dropped[0]}`,
          ...(reading.widened.length === 0
            ? []
            : [`${who}: so these calls get further than the file says: ${reading.widened.join(', ')}`]),
          ...(reading.narrowed.length === 0
            ? []
            : [`${who}: so these calls get less far than the file says: ${reading.narrowed.join(', ')}`]),
        ]),
  ];
}

function indented(text: string, by: string): string {
  return text.replaceAll(/^/gm, by);
}

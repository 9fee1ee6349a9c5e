import { verdictWord } from '../../../explain/verdict.js';
import type { Impact, ImpactRow, LostCall } from '../../../kubernetes/impact.js';
import type { Workload } from '../../../kubernetes/workload.js';
import type { Io } from '../../io/io.js';
import { type Paint, paint, wrap } from '../../output/paint.js';
import type { Cluster } from './cluster.js';
import type { LoadedManifests } from './manifestFiles.js';
import { poolLines } from './poolLines.js';
import { skippedLines, workloadTitle } from './words.js';

export async function impactText(
  rows: readonly ImpactRow[],
  to: string,
  manifests: LoadedManifests,
  cluster: Cluster,
  io: Io,
): Promise<string> {
  const colours = paint(io);
  const lines = [...(await poolLines(cluster, io)), '', `With ${colours.bold(to)}:`, ''];
  const byWorkload = new Map<Workload, ImpactRow[]>();
  for (const row of rows) {
    const known = byWorkload.get(row.workload);
    if (known === undefined) byWorkload.set(row.workload, [row]);
    else known.push(row);
  }
  for (const [workload, own] of byWorkload) {
    lines.push(workloadTitle(workload, colours));
    for (const { who, impact } of joined(own)) lines.push(...impactLines(who, impact, colours, io));
  }
  lines.push('', ...summary(rows, colours), ...skippedLines(manifests, manifests.workloads.length, colours));
  for (const note of [...manifests.notes, ...cluster.notes])
    lines.push(`note: ${wrap(note, io.columns, '      ')}`);
  return `${lines.join('\n')}\n`;
}

/** Containers and pools with the same outcome are told together. */
function joined(rows: readonly ImpactRow[]): readonly { readonly who: string; readonly impact: Impact }[] {
  const groups = new Map<string, { containers: Set<string>; pools: Set<string>; impact: Impact }>();
  for (const { container, pool, impact } of rows) {
    // Every container of a group is on every pool of it, or the group would say too much.
    const key = `${container.name}\0${JSON.stringify(impact)}`;
    const known = groups.get(key);
    if (known === undefined)
      groups.set(key, { containers: new Set([container.name]), pools: new Set([pool.name]), impact });
    else known.pools.add(pool.name);
  }
  return [...groups.values()].map(({ containers, pools, impact }) => ({
    who: `${[...containers].join(', ')} on ${[...pools].join(', ')}`,
    impact,
  }));
}

function impactLines(who: string, impact: Impact, colours: Paint, io: Io): readonly string[] {
  const line = (sign: string, text: string): string =>
    `  ${sign} ${wrap(`${who}: ${text}`, io.columns, '    ')}`;
  switch (impact.kind) {
    case 'none':
      return [line('-', impact.reason)];
    case 'unknown':
      return [line(colours.yellow('?'), impact.reason)];
    case 'refusedNow':
      return [line(colours.yellow('?'), `is not created today either: ${impact.message}`)];
    case 'refused':
      return [line(colours.red('✗'), `would not be created: ${impact.message}`)];
    case 'compared': {
      const { needed, lost, limited } = impact;
      if (lost.length + limited.length === 0)
        return [line(colours.green('✓'), needed ? 'loses nothing that it needs' : 'loses nothing')];
      const sign = needed && lost.length > 0 ? colours.red('✗') : colours.yellow('!');
      return [
        ...grouped(lost).map(([word, calls]) =>
          line(sign, `${needed ? 'loses' : 'might lose'} ${calls.length} (${word}): ${calls.join(', ')}`),
        ),
        ...(limited.length === 0
          ? []
          : [
              line(
                colours.yellow('!'),
                `with some arguments only: ${limited.map(({ call }) => call).join(', ')}`,
              ),
            ]),
      ];
    }
  }
}

function grouped(lost: readonly LostCall[]): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const { call, to } of lost) {
    const word = verdictWord(to);
    groups.set(word, [...(groups.get(word) ?? []), call]);
  }
  return [...groups];
}

function summary(rows: readonly ImpactRow[], colours: Paint): readonly string[] {
  const count = (fits: (impact: Impact) => boolean): number =>
    rows.filter(({ impact }) => fits(impact)).length;
  const broken = count((impact) => impact.kind === 'compared' && impact.needed && impact.lost.length > 0);
  const refused = count(({ kind }) => kind === 'refused');
  const safe = count((impact) => impact.kind === 'compared' && impact.needed && impact.lost.length === 0);
  const open = count((impact) => impact.kind === 'compared' && !impact.needed);
  const parts = [
    safe > 0 ? colours.green(`${safe} lose nothing that they need`) : '',
    broken > 0 ? colours.red(`${broken} lose calls that they need`) : '',
    refused > 0 ? colours.red(`${refused} would not be created`) : '',
    open > 0 ? `of ${open} it is not known what they need` : '',
  ].filter((part) => part !== '');
  return [`Containers on nodes: ${parts.join('; ') || 'none'}`];
}

import { contextLine } from '../../context/contextLine.js';
import type { Io } from '../../io/io.js';
import { paint, wrap } from '../../output/paint.js';
import type { Cluster } from './cluster.js';

/** The pools of nodes, with what is not known of them. */
export async function poolLines(
  { pools, cluster }: Pick<Cluster, 'pools' | 'cluster'>,
  io: Io,
): Promise<readonly string[]> {
  const colours = paint(io);
  const lines: string[] = [];
  for (const { name, context, kubernetes, unknown, unsupported, notes } of pools) {
    const line = context === undefined ? (unsupported ?? 'Windows') : await contextLine(context);
    const release = ` · Kubernetes ${kubernetes ?? cluster.version}`;
    lines.push(
      `${colours.bold(name)}  ${colours.dim(line.replace(/ · default capabilities · default profile$/, '') + release)}`,
    );
    for (const text of unknown) lines.push(`  unknown: ${wrap(text, io.columns, '           ')}`);
    for (const text of notes) lines.push(`  note: ${wrap(text, io.columns, '        ')}`);
  }
  return lines;
}

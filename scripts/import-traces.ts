// How often programs make each call: histograms of `strace -f` over whole runs → data/syscall-weights.json.
// Each run counts the same, however long it is; the values are parts per million of an average run.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFacts } from './reviewable.js';
import { directories, readSnapshot } from './snapshot.js';

interface Trace {
  readonly name: string;
  readonly tool: string;
  readonly total: number;
  readonly syscalls: Readonly<Record<string, number>>;
}

/** Parts per million of an average run, by name; shares below one part are left out. */
export function averageShares(traces: readonly Trace[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const { syscalls } of traces) {
    const total = Object.values(syscalls).reduce((sum, count) => sum + count, 0);
    for (const [name, count] of Object.entries(syscalls)) {
      sums.set(name, (sums.get(name) ?? 0) + (count / total / traces.length) * 1e6);
    }
  }
  const rounded = [...sums].map(([name, share]) => [name, Math.round(share)] as const);
  return Object.fromEntries(rounded.filter(([, share]) => share > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function importTraces(snapshot: string, data: string): Promise<void> {
  const folder = join(snapshot, 'traces');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const traces = await Promise.all(files.map((file) => readSnapshot<Trace>(folder, file)));
  await writeFacts(data, 'syscall-weights.json', {
    origin: traces.map(({ name, tool, total }) => `${tool} ${name}: ${total} calls on x86_64`),
    partsPerMillion: averageShares(traces),
  });
}

if (process.argv[1]?.endsWith('import-traces.ts')) {
  const { snapshot, data } = directories(process.argv);
  await importTraces(snapshot, data);
}

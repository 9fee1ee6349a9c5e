// How often programs make each call: histograms of `strace -f` over whole runs → data/syscall-weights.json.
// The values are parts per million of each run, in the order of `programs`.
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

/** Parts per million of each run by name; names below one part in all of them are left out. */
export function shares(traces: readonly Trace[]): Readonly<Record<string, readonly number[]>> {
  const names = new Set(traces.flatMap(({ syscalls }) => Object.keys(syscalls)));
  const rows = [...names].sort().map((name): [string, readonly number[]] => [
    name,
    traces.map(({ syscalls }) => {
      const total = Object.values(syscalls).reduce((sum, count) => sum + count, 0);
      return Math.round(((syscalls[name] ?? 0) / total) * 1e6);
    }),
  ]);
  return Object.fromEntries(rows.filter(([, parts]) => parts.some((part) => part > 0)));
}

export async function importTraces(snapshot: string, data: string): Promise<void> {
  const folder = join(snapshot, 'traces');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const traces = await Promise.all(files.map((file) => readSnapshot<Trace>(folder, file)));
  await writeFacts(data, 'syscall-weights.json', {
    origin: traces.map(({ name, tool, total }) => `${tool} ${name}: ${total} calls on x86_64`),
    programs: traces.map(({ name }) => name),
    partsPerMillion: shares(traces),
  });
}

if (process.argv[1]?.endsWith('import-traces.ts')) {
  const { snapshot, data } = directories(process.argv);
  await importTraces(snapshot, data);
}

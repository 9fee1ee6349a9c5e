import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Reads one JSON file of a snapshot; the caller names the shape that the snapshot's layout promises. */
export async function readSnapshot<T>(directory: string, path: string): Promise<T> {
  return JSON.parse(await readFile(join(directory, path), 'utf8')) as T;
}

/** The two directories of an import: the snapshot to read and the data directory to write (default `data`). */
export function directories(argv: readonly string[]): { readonly snapshot: string; readonly data: string } {
  const [snapshot, data = 'data'] = argv.slice(2);
  if (snapshot === undefined) throw new Error('usage: node scripts/run.mjs SCRIPT.ts SNAPSHOT [DATA]');
  return { snapshot, data };
}

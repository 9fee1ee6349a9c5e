import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultCluster } from '../../src/kubernetes/facts.js';
import { readManifests } from '../../src/kubernetes/manifests.js';
import { nodeOfWord } from '../../src/kubernetes/node.js';
import type { PlacementOptions } from '../../src/kubernetes/placement.js';
import { type Pool, poolsOf } from '../../src/kubernetes/pool.js';
import { type Workload, workloadsOf } from '../../src/kubernetes/workload.js';
import { readProfile } from '../../src/profile/read.js';

export const MANIFESTS = join(import.meta.dirname, 'manifests');

export function manifest(name: string): string {
  return readFileSync(join(MANIFESTS, name), 'utf8');
}

export function workloads(text: string): readonly Workload[] {
  return readManifests(text, 'test.yaml').objects.flatMap(workloadsOf);
}

/** One pool for each word, in their order. */
export async function pools(...words: readonly string[]): Promise<readonly Pool[]> {
  return (await Promise.all(words.map((word) => poolsOf([nodeOfWord(word)])))).flat();
}

/** A cluster whose Localhost files are these. */
export function cluster(files: Readonly<Record<string, string>> = {}): PlacementOptions {
  const profiles = new Map(Object.entries(files).map(([name, text]) => [name, readProfile(text, name)]));
  return {
    cluster: defaultCluster,
    handlers: new Map(),
    localhost: (name) => profiles.get(name) ?? 'missing',
  };
}

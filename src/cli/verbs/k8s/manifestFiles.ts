import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CallgateError } from '../../../error.js';
import { type ManifestObject, readManifests } from '../../../kubernetes/manifests.js';
import { type Workload, workloadsOf } from '../../../kubernetes/workload.js';
import { boolOf, elementsOf, field } from '../../../profile/fields.js';
import type { Io } from '../../io/io.js';
import type { ManifestFlags } from './flags.js';
import { kubectlGet } from './kubectl.js';

export interface LoadedManifests {
  readonly objects: readonly ManifestObject[];
  readonly workloads: readonly Workload[];
  /** Objects without a pod, by kind. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
}

const LIVE = 'deployments,daemonsets,statefulsets,replicasets,replicationcontrollers,cronjobs,jobs,pods';

/**
 * Reads the manifests that the words and flags name.
 *
 * @param words files, directories, `-`
 */
export async function loadManifests(
  words: readonly string[],
  flags: ManifestFlags,
  io: Io,
): Promise<LoadedManifests> {
  const objects: ManifestObject[] = [];
  const skipped = new Map<string, number>();
  const notes: string[] = [];
  const count = (kind: string, times = 1): void => void skipped.set(kind, (skipped.get(kind) ?? 0) + times);
  if (flags.live === true) {
    if (words.length > 0)
      throw new CallgateError('USAGE', 'files and --live: which is meant?', { hint: 'leave one out' });
    const live = readManifests(await kubectlGet(LIVE, flags, io), 'kubectl get').objects;
    objects.push(...live.filter((object) => !isMade(object)));
    objects.push(...(await runtimeClasses(flags, io, notes)));
  } else if (words.length === 0) {
    throw new CallgateError('USAGE', 'a manifest is missing', {
      expected: 'files, directories, - for standard input, or --live',
    });
  }
  for (const path of words.flatMap((word) => manifestPaths(word, flags.recursive === true))) {
    const manifests = readManifests(io.read(path), path === '-' ? '<stdin>' : path);
    objects.push(...manifests.objects);
    for (const [kind, times] of manifests.skipped) count(kind, times);
  }
  const workloads: Workload[] = [];
  for (const object of objects) {
    const found = workloadsOf(object);
    workloads.push(...found);
    if (found.length === 0 && object.kind !== 'Node' && object.kind !== 'RuntimeClass')
      count(object.kind === '' ? 'documents without a kind' : object.kind);
    for (const { found: how, at, kind } of found.slice(0, 1))
      if (how === 'searched')
        notes.push(
          `${at.file}:${at.line}: ${kind} is not a kind that callgate knows; the pod’s specification inside it is taken for what it runs`,
        );
  }
  return { objects, workloads, skipped, notes };
}

/** A controller made it, and that is listed itself. */
function isMade({ node }: ManifestObject): boolean {
  return elementsOf(field(node, 'metadata', 'ownerReferences')).some(
    (owner) => boolOf(field(owner, 'controller')) === true,
  );
}

/** Not everybody may list them; then a class is known by its name only. */
async function runtimeClasses(
  flags: ManifestFlags,
  io: Io,
  notes: string[],
): Promise<readonly ManifestObject[]> {
  try {
    return readManifests(await kubectlGet('runtimeclasses', flags, io, false), 'kubectl get').objects;
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    notes.push(error.message);
    return [];
  }
}

/** The files that a word names: itself, or the manifests of a directory. */
export function manifestPaths(word: string, recursive: boolean): readonly string[] {
  if (word === '-' || statSync(word, { throwIfNoEntry: false })?.isDirectory() !== true) return [word];
  return readdirSync(word, { withFileTypes: true, recursive })
    .filter((entry) => !entry.isDirectory() && /\.(ya?ml|json)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

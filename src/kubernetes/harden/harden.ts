import { applyFixes, type Edit } from '../../lint/edit.js';
import { openSource, type Source } from '../../profile/source.js';
import { yamlDocuments } from '../../profile/yamlDocuments.js';
import { readManifests, yamlChunks } from '../manifests.js';
import { type Workload, workloadsOf } from '../workload.js';
import { styleOf } from './insert.js';
import { type Tree, treeOf } from './tree.js';
import { type HardenOptions, leftAlone, wishesFor } from './wish.js';
import { writeFields } from './writeFields.js';

/** A hardened manifest, and what was done to it. */
export interface Hardened {
  /** The manifest with nothing changed but what had to be. */
  readonly text: string;
  readonly edits: readonly Edit[];
  /** Workloads that were changed, and that needed no change. */
  readonly changed: number;
  readonly unchanged: number;
  readonly notes: readonly string[];
}

const LIMITS = { documents: 50_000, lexemes: 1_000_000 };

/**
 * Gives every pod of a manifest a seccomp profile, and with the level `restricted` what Pod Security asks for beside it.
 * The text is edited at the places that must change: comments, order, anchors and all other lines stay as they are.
 *
 * @param file name for positions
 * @throws CallgateError `INPUT` for text that is no manifest
 */
export function harden(input: string | Uint8Array, file: string, options: HardenOptions): Hardened {
  const hardened = edited(openSource(input, file), file, options);
  const again = edited(openSource(hardened.text, file), file, options);
  if (again.edits.length > 0) throw new RangeError(`${file}: an edit did not come to what was wished`);
  return hardened;
}

function edited(source: Source, file: string, options: HardenOptions): Hardened {
  const edits: Edit[] = [];
  const notes: string[] = [];
  let [changed, unchanged] = [0, 0];
  const chunks = /^\s*\{/.test(source.text) ? [{ from: 0, to: source.text.length }] : yamlChunks(source.text);
  for (const { from, to } of chunks) {
    const text = source.text.slice(from, to);
    const part: Source = { text, file, at: (offset) => source.at(from + offset) };
    const { objects } = readManifests(text, file);
    const workloads = objects.flatMap(workloadsOf);
    if (workloads.length === 0) continue;
    const own: Edit[] = [];
    const trees = [...yamlDocuments(part, LIMITS)].map((document) => treeOf(part, document));
    const shy = new Set<number>();
    for (const workload of workloads)
      if (leftAlone(workload) !== undefined) for (const at of placesOf(workload)) shy.add(at);
    const done = new Set<string>();
    for (const workload of workloads) {
      const { at } = part;
      const line = at(workload.pod.spec.at).line;
      const name = `${file}:${line}: ${workload.kind} ${workload.name}`;
      const reason = leftAlone(workload);
      if (reason !== undefined) {
        notes.push(`${name} is left as it is: ${reason}`);
        continue;
      }
      const { wishes, notes: said } = wishesFor(workload, options);
      notes.push(...said.map((note) => `${name}: ${note}`));
      for (const wish of wishes) {
        const found = mapOf(trees, wish.at);
        const key = JSON.stringify(wish);
        // Manifests that share a mapping through an anchor wish the same of it.
        if (found === undefined || done.has(key)) continue;
        done.add(key);
        const { tree, map } = found;
        writeFields(
          { tree, style: styleOf(text), untouchable: ({ range }) => shy.has(range[0]), edits: own, notes },
          map,
          wish.wanted,
          wish.atTop,
        );
      }
      if (wishes.length > 0) changed++;
      else unchanged++;
    }
    for (const edit of unique(own))
      edits.push({ from: from + edit.from, to: from + edit.to, text: edit.text });
  }
  const { text } = applyFixes(
    source.text,
    edits.map((edit) => ({ title: '', edits: [edit] })),
  );
  return { text, edits, changed, unchanged, notes };
}

function placesOf({ pod }: Workload): readonly number[] {
  const contexts = pod.containers.flatMap(({ node, securityContext }) => [
    node.at,
    securityContext?.at ?? node.at,
  ]);
  return [pod.spec.at, pod.securityContext?.at ?? pod.spec.at, ...contexts];
}

function mapOf(
  trees: readonly Tree[],
  at: number,
): { readonly tree: Tree; readonly map: NonNullable<ReturnType<Tree['mapAt']>> } | undefined {
  for (const tree of trees) {
    const map = tree.mapAt(at);
    if (map !== undefined) return { tree, map };
  }
  return undefined;
}

/** Two containers that share a mapping ask for the same edit of it. */
function unique(edits: readonly Edit[]): readonly Edit[] {
  const seen = new Set<string>();
  return edits.filter((edit) => {
    const key = JSON.stringify(edit);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

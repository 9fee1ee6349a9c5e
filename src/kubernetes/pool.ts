import type { Context } from '../engine/context.js';
import type { ContextInput } from '../engine/contextInput.js';
import { type ResolvedContext, resolveContext } from '../engine/resolveContext.js';
import { CallgateError } from '../error.js';
import type { ClusterNode } from './node.js';
import type { Pod } from './workload.js';

/** Nodes on which every container gets the same policy: what decides it is the same on all of them. */
export interface Pool {
  /** The first node's name, and how many others there are. */
  readonly name: string;
  readonly nodes: readonly ClusterNode[];
  readonly windows: boolean;
  readonly kubernetes?: string;
  /** Of a container that asks for nothing; undefined for Windows and where nothing can be said. */
  readonly context?: Context;
  readonly words: ContextInput;
  readonly unsupported?: string;
  readonly unknown: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Nodes grouped by what they come to, in the order of their first node.
 *
 * @throws CallgateError `UNKNOWN` for releases that the data does not hold and none older stands for
 * @example (await poolsOf([nodeOfWord('containerd@1.7.27'), nodeOfWord('b=containerd@1.7.27')])).length // 1
 */
export async function poolsOf(nodes: readonly ClusterNode[]): Promise<readonly Pool[]> {
  const pools = new Map<string, Pool>();
  for (const node of nodes) {
    const words: ContextInput = { ...node.words, nearest: true };
    const found = await resolvedOf(node, words);
    const resolved = 'context' in found ? found : undefined;
    const unsupported = 'unsupported' in found ? found.unsupported : undefined;
    const key = JSON.stringify([
      node.kubernetes ?? '',
      node.windows,
      resolved?.context ?? '',
      node.unknown,
      unsupported ?? '',
    ]);
    const known = pools.get(key);
    if (known === undefined) {
      pools.set(key, {
        name: node.name,
        nodes: [node],
        windows: node.windows,
        ...(node.kubernetes === undefined ? {} : { kubernetes: node.kubernetes }),
        ...(resolved === undefined ? {} : { context: resolved.context }),
        words,
        ...(unsupported === undefined ? {} : { unsupported }),
        unknown: node.unknown,
        notes: resolved?.notes.map(({ text }) => text) ?? [],
      });
    } else pools.set(key, { ...known, nodes: [...known.nodes, node] });
  }
  return [...pools.values()].map((pool) =>
    pool.nodes.length === 1 ? pool : { ...pool, name: `${pool.name} (+${pool.nodes.length - 1})` },
  );
}

/** A node that is named in a word is the user's to correct; one of many that exist is not known, and the others count. */
async function resolvedOf(
  node: ClusterNode,
  words: ContextInput,
): Promise<ResolvedContext | { readonly unsupported: string | undefined }> {
  if (node.windows || node.unsupported !== undefined) return { unsupported: node.unsupported };
  try {
    return await resolveContext(words);
  } catch (error) {
    if (words.like !== undefined || !(error instanceof CallgateError) || error.code !== 'UNKNOWN')
      throw error;
    return { unsupported: error.message };
  }
}

/**
 * The pools that a pod may run on, by its node selector; all Linux ones where no node has the labels, as then the labels
 * are not known.
 */
export function poolsFor(pod: Pod, pools: readonly Pool[]): readonly Pool[] {
  const fitting = pools.filter(({ windows }) => windows === pod.windows);
  const selected = fitting.filter(({ nodes }) =>
    nodes.some(({ labels }) => [...pod.nodeSelector].every(([key, value]) => labels.get(key) === value)),
  );
  return selected.length > 0 ? selected : fitting;
}

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
import type { Source } from '../../profile/source.js';
import { type Targets, targetsOf } from '../../profile/yamlText.js';

export type ParsedMap = YAMLMap.Parsed;
export type ParsedPair = ParsedMap['items'][number];

/** A document's mappings, by the place where they begin. */
export interface Tree {
  readonly text: string;
  readonly mapAt: (offset: number) => ParsedMap | undefined;
  /** The pair whose value the mapping is; undefined for elements of lists. */
  readonly pairOf: (map: ParsedMap) => ParsedPair | undefined;
  /** What an alias stands for; the node itself for all others. */
  readonly resolve: (node: ParsedNode | null) => ParsedNode | null;
  /** A mapping's own pair, or one that a merge key brings in. */
  readonly find: (map: ParsedMap, key: string) => ParsedPair | undefined;
}

export function treeOf(source: Source, document: Document<ParsedNode>): Tree {
  const maps = new Map<number, ParsedMap>();
  const pairs = new Map<ParsedMap, ParsedPair>();
  const targets = targetsOf(source, document);
  const pending: unknown[] = [document.contents];
  while (pending.length > 0) {
    const node = pending.pop();
    if (isPair(node)) {
      if (isMap(node.value)) pairs.set(node.value as ParsedMap, node as ParsedPair);
      pending.push(node.key, node.value);
    } else if (isCollection(node)) {
      if (isMap(node)) {
        const map = node as ParsedMap;
        // A mapping that is the first key of another begins where that does: the outer one was seen before.
        if (!maps.has(map.range[0])) maps.set(map.range[0], map);
      }
      pending.push(...node.items);
    }
  }
  const resolve = (node: ParsedNode | null): ParsedNode | null =>
    isAlias(node) ? (targets.get(node) ?? null) : node;
  return {
    text: source.text,
    mapAt: (offset) => maps.get(offset),
    pairOf: (map) => pairs.get(map),
    resolve,
    find: (map, key) => find(map, key, targets, new Set()),
  };
}

function find(map: ParsedMap, key: string, targets: Targets, seen: Set<unknown>): ParsedPair | undefined {
  if (seen.has(map)) return undefined;
  seen.add(map);
  const own = map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
  if (own !== undefined) return own;
  for (const { key: merge, value } of map.items) {
    if (!isScalar(merge) || merge.value !== '<<') continue;
    for (const part of isSeq(value) ? value.items : [value]) {
      const base: unknown = isAlias(part) ? targets.get(part) : part;
      const found = isMap(base) ? find(base as ParsedMap, key, targets, seen) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq, type ParsedNode } from 'yaml';
import { type Member, type Node, quote } from './node.js';
import { fail, type Source } from './source.js';
import { yamlDocuments } from './yamlDocuments.js';

/** etcd takes no object over 1.5 MiB, so no SeccompProfile in a cluster is larger. */
const MAX_LENGTH = 2 * 1024 * 1024;
/** A list of 40,000 names has as many tokens, real profiles under 5,000. */
const LIMITS = { documents: 100, lexemes: 250_000 };

/**
 * The documents of a YAML text. Aliases are followed only where a value is asked for, so that neither an alias bomb nor a
 * cycle costs anything by itself.
 * @throws CallgateError `INPUT` at the first YAML error, for too many documents and too deep nesting.
 */
export function parseYaml(source: Source): readonly Node[] {
  const { text } = source;
  if (text.length > MAX_LENGTH) {
    fail(source, 0, `the YAML text is ${text.length} characters long`, {
      expected: `at most ${MAX_LENGTH} characters, as Kubernetes stores no larger object`,
    });
  }
  const nodes: Node[] = [];
  for (const document of yamlDocuments(source, LIMITS)) {
    const node = documentNode(source, document);
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

/**
 * A document's value; undefined for an empty document.
 *
 * @param mergeKeys whether `<<` is read, as kubectl does
 */
export function documentNode(
  source: Source,
  document: Document<ParsedNode>,
  mergeKeys = false,
): Node | undefined {
  if (document.contents === null) return undefined;
  return toNode({ source, targets: targetsOf(source, document), mergeKeys }, document.contents);
}

interface Reading {
  readonly source: Source;
  readonly targets: Targets;
  readonly mergeKeys: boolean;
}

export type Targets = ReadonlyMap<unknown, ParsedNode>;

/** What each alias stands for: the last node before it that has the anchor. */
export function targetsOf(source: Source, document: Document<ParsedNode>): Targets {
  const anchors = new Map<string, ParsedNode>();
  const targets = new Map<unknown, ParsedNode>();
  const pending: unknown[] = [document.contents];
  while (pending.length > 0) {
    const node = pending.pop();
    if (isPair(node)) pending.push(node.value, node.key);
    else if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) {
        fail(source, node.range?.[0] ?? 0, `the alias ${quote(`*${node.source}`)} has no anchor before it`);
      }
      targets.set(node, target);
    } else if (isCollection(node) || isScalar(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node as ParsedNode);
      if (isCollection(node)) for (let i = node.items.length - 1; i >= 0; i--) pending.push(node.items[i]);
    }
  }
  return targets;
}

function toNode(reading: Reading, node: ParsedNode | null, fallback = 0): Node {
  if (node === null) return { kind: 'null', at: fallback, text: 'null' };
  const at = node.range[0];
  if (isAlias(node)) {
    const target = reading.targets.get(node);
    return target === undefined ? { kind: 'null', at, text: 'null' } : toNode(reading, target);
  }
  if (isMap(node)) return { kind: 'object', at, members: () => members(reading, node.items) };
  if (isSeq(node)) {
    const items: readonly unknown[] = node.items;
    return {
      kind: 'array',
      at,
      *elements() {
        for (const item of items) {
          // `- a: b` inside a flow sequence is a pair of its own.
          if (isPair(item)) {
            const pair = item as Pairs[number];
            yield {
              kind: 'object',
              at: pair.key?.range[0] ?? at,
              members: () => members(reading, [pair]),
            };
          } else yield toNode(reading, item as ParsedNode, at);
        }
      },
    };
  }
  return scalar(node.value, at);
}

type Pairs = readonly { readonly key: ParsedNode | null; readonly value: ParsedNode | null }[];

function* members(reading: Reading, pairs: Pairs): Generator<Member> {
  const { source, mergeKeys } = reading;
  if (mergeKeys) yield* merged(reading, pairs, new Set());
  const seen = new Set<string>();
  for (const pair of pairs) {
    const keyAt = pair.key?.range[0] ?? pair.value?.range[0] ?? 0;
    const keyNode = toNode(reading, pair.key, keyAt);
    if (keyNode.kind === 'object' || keyNode.kind === 'array')
      fail(source, keyAt, 'a key that is not a word', templateHint(source, keyAt));
    const key = keyNode.text;
    if (key === '<<') {
      if (mergeKeys) continue;
      fail(source, keyAt, 'merge keys (<<) are not read', { hint: 'write the fields out' });
    }
    if (seen.has(key)) fail(source, keyAt, `the key ${quote(key)} stands twice in one mapping`);
    seen.add(key);
    yield { key, keyAt, value: toNode(reading, pair.value, keyAt) };
  }
}

/** `{{ … }}` where a value should be: YAML takes it for a mapping with a mapping as key. */
function templateHint({ text }: Source, at: number): { readonly hint?: string } {
  return text.startsWith('{{', at - 1)
    ? { hint: 'this looks like a template: give what helm template prints' }
    : {};
}

/** What `<<` brings in, before the mapping's own keys, so that those win; of several mappings the first wins. Each mapping counts once, so that neither a cycle nor a bomb costs anything. */
function* merged(reading: Reading, pairs: Pairs, visited: Set<unknown>): Generator<Member> {
  const { source, targets } = reading;
  for (const { key, value } of pairs) {
    if (!isScalar(key) || key.value !== '<<' || value === null) continue;
    const parts: readonly unknown[] = isSeq(value) ? value.items : [value];
    for (const part of parts.toReversed()) {
      const map = isAlias(part) ? targets.get(part) : part;
      if (!isMap(map)) fail(source, value.range[0], 'a merge key (<<) takes mappings only');
      if (visited.has(map)) continue;
      visited.add(map);
      const own = map.items as Pairs;
      yield* merged(reading, own, visited);
      for (const pair of own) {
        const name = isScalar(pair.key) ? String(pair.key.value) : undefined;
        if (name === undefined || name === '<<') continue;
        const keyAt = pair.key?.range[0] ?? 0;
        yield { key: name, keyAt, value: toNode(reading, pair.value, keyAt) };
      }
    }
  }
}

function scalar(value: unknown, at: number): Node {
  switch (typeof value) {
    case 'string':
      return { kind: 'string', at, text: value };
    case 'number':
    case 'bigint':
      return { kind: 'number', at, text: String(value) };
    case 'boolean':
      return { kind: 'boolean', at, text: String(value) };
    default:
      return { kind: 'null', at, text: 'null' };
  }
}

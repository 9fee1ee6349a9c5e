import { CallgateError, type Position } from '../error.js';
import { elementsOf, field, textOf } from '../profile/fields.js';
import { parseJson } from '../profile/jsonText.js';
import type { Node } from '../profile/node.js';
import { openSource, type Source } from '../profile/source.js';
import { yamlDocuments } from '../profile/yamlDocuments.js';
import { documentNode } from '../profile/yamlText.js';

/** One Kubernetes object of a text. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty where the object has a generateName or none. */
  readonly name: string;
  readonly namespace?: string;
  readonly node: Node;
  readonly at: Position;
  readonly place: (offset: number) => Position;
  /** The chart's file, where helm's comment `# Source:` says it. */
  readonly template?: string;
}

/** The objects of a text, in their order. */
export interface Manifests {
  readonly objects: readonly ManifestObject[];
  /** Documents that cannot hold a pod: how many of which kind. They are not parsed, so nothing in them can be wrong. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** `kubectl get pods -A -o json` of the largest clusters. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Tokens of all documents that are parsed: a chart of 100,000 lines has as many. */
const LIMITS = { documents: 50_000, lexemes: 1_000_000 };
/** Lists in lists; kubectl itself writes none. */
const DEEPEST_LIST = 3;
const MOST_OBJECTS = 200_000;

/**
 * The objects of a manifest: YAML with any number of documents, JSON, List objects; also what helm and kustomize print.
 *
 * @param file name for positions
 * @throws CallgateError `INPUT` with file, line and column for text that is neither
 * @example
 * const { objects } = readManifests('apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: []}', 'pod.yaml');
 * objects[0].kind // 'Pod'
 */
export function readManifests(input: string | Uint8Array, file: string): Manifests {
  const source = openSource(input, file, MOST_BYTES);
  const objects: ManifestObject[] = [];
  const skipped = new Map<string, number>();
  if (/^\s*\{\s*["}]/.test(source.text.slice(0, 1000))) {
    addObjects(objects, parseJson(source).root, source.at, undefined);
    return { objects, skipped };
  }
  for (const chunk of yamlChunks(source.text)) {
    const text = source.text.slice(chunk.from, chunk.to);
    if (!/^[^\s#%-]|^- /m.test(text)) continue;
    const kind = /^kind:[ \t]*["']?(\w+)/m.exec(text)?.[1];
    if (kind === 'CustomResourceDefinition' || !MAY_MATTER.test(text)) {
      const word = kind ?? 'documents without a kind';
      skipped.set(word, (skipped.get(word) ?? 0) + 1);
      continue;
    }
    const part: Source = { text, file, at: (offset) => source.at(chunk.from + offset) };
    const template = /^# Source: (\S.*)$/m.exec(text)?.[1]?.trim();
    for (const document of yamlObjects(part)) addObjects(objects, document, part.at, template);
  }
  return { objects, skipped };
}

/** Nothing else can hold a pod's specification, a node or a runtime class. */
const MAY_MATTER = /[cC]ontainers\b|nodeInfo|RuntimeClass/;

function* yamlObjects(source: Source): Generator<Node> {
  try {
    for (const document of yamlDocuments(source, LIMITS)) {
      const node = documentNode(source, document, true);
      if (node !== undefined) yield node;
    }
  } catch (error) {
    if (!(error instanceof CallgateError) || !/\{\{.*\}\}/.test(source.text)) throw error;
    throw new CallgateError('INPUT', error.message, {
      ...(error.at === undefined ? {} : { at: error.at }),
      hint: 'this looks like a chart’s template: give what helm template prints',
      cause: error,
    });
  }
}

interface Chunk {
  readonly from: number;
  readonly to: number;
}

/** Cut at `---`: YAML allows that at the start of a line nowhere inside a document, in no kind of scalar either. */
export function* yamlChunks(text: string): Generator<Chunk> {
  let from = 0;
  for (const { index } of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    if (index > from) yield { from, to: index };
    from = index;
  }
  if (from < text.length) yield { from, to: text.length };
}

function addObjects(
  objects: ManifestObject[],
  node: Node,
  place: Source['at'],
  template: string | undefined,
  depth = 0,
): void {
  if (node.kind !== 'object') return;
  const kind = textOf(field(node, 'kind')) ?? '';
  const items = field(node, 'items');
  if (items?.kind === 'array' && (kind === '' || kind.endsWith('List'))) {
    if (depth === DEEPEST_LIST)
      throw new CallgateError('INPUT', `lists in lists, deeper than ${DEEPEST_LIST}`, { at: place(node.at) });
    for (const item of elementsOf(items)) addObjects(objects, item, place, template, depth + 1);
    return;
  }
  if (objects.length === MOST_OBJECTS)
    throw new CallgateError('INPUT', `more than ${MOST_OBJECTS} objects`, { at: place(node.at) });
  const metadata = field(node, 'metadata');
  const namespace = textOf(field(metadata, 'namespace'));
  objects.push({
    apiVersion: textOf(field(node, 'apiVersion')) ?? '',
    kind,
    name: textOf(field(metadata, 'name')) ?? textOf(field(metadata, 'generateName')) ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    node,
    at: place(node.at),
    place,
    ...(template === undefined ? {} : { template }),
  });
}

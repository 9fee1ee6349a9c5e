import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  Parser,
} from 'yaml';
import { type Member, type Node, quote } from './node.js';
import { fail, type Source } from './source.js';

/** etcd takes no object over 1.5 MiB, so no SeccompProfile in a cluster is larger. */
const MAX_LENGTH = 2 * 1024 * 1024;
const MAX_DOCUMENTS = 100;
/** Levels of brackets, and columns of indentation: the yaml package recurses, and no profile needs a tenth of it. */
const MAX_NESTING = 200;
/** The yaml package takes up to 10 µs and 1 kB for each. A list of 40,000 names has as many, real profiles under 5,000. */
const MAX_LEXEMES = 250_000;

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
  checkSize(source);
  const nodes: Node[] = [];
  const composer = new Composer<ParsedNode>({
    // The package compares each key with all others; ours are compared where they are read.
    uniqueKeys: false,
    intAsBigInt: true,
    logLevel: 'silent',
    prettyErrors: false,
    resolveKnownTags: false,
  });
  // The package collects errors, each with a stack, without end; the first one is enough. It catches what is thrown
  // while a tag is resolved, and reports that once more.
  let first: { readonly place: ErrorPlace; readonly message: string } | undefined;
  Object.assign(composer, {
    onError(place: ErrorPlace, _code: string, message: string, warning?: boolean) {
      if (warning) return;
      first ??= { place, message };
      failAt(source, first.place, first.message);
    },
  });
  for (const document of composer.compose(documentTokens(source))) {
    const error = document.errors[0];
    if (error !== undefined) failAt(source, error.pos, error.message);
    if (nodes.length === MAX_DOCUMENTS) {
      fail(source, document.range[0], `more than ${MAX_DOCUMENTS} YAML documents in one text`);
    }
    if (document.contents !== null)
      nodes.push(toNode(source, document.contents, targetsOf(source, document)));
  }
  return nodes;
}

/** The parser's tokens, up to the first that is none. */
function* documentTokens(source: Source): Generator<CST.Token> {
  for (const token of new Parser().parse(source.text)) {
    if (token.type === 'error') failAt(source, token.offset, token.message);
    yield token;
  }
}

/** How the package gives a place: an offset, a start and an end, or a token. */
type ErrorPlace = number | readonly [number, number, number?] | { readonly offset: number };

function failAt(source: Source, place: ErrorPlace, message: string): never {
  const offset = typeof place === 'number' ? place : 'offset' in place ? place.offset : place[0];
  fail(source, Math.min(Math.max(offset, 0), source.text.length), `YAML: ${message}`);
}

/** Counts lexemes and nesting. Flow collections nest by brackets, block collections by columns (indentation and the indicators `-`, `?` and `:`). */
function checkSize(source: Source): void {
  let offset = 0;
  let depth = 0;
  let scalar = false;
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    if (++lexemes > MAX_LEXEMES) {
      fail(source, offset, `the YAML text has more than ${MAX_LEXEMES} tokens`, {
        hint: 'write the profile as JSON',
      });
    }
    // Marks that stand for no text: start of a document, end of a flow collection, "a scalar follows".
    if (lexeme === '\x02' || lexeme === '\x18' || lexeme === '\x1f') {
      scalar = lexeme === '\x1f';
      continue;
    }
    if (!scalar && (lexeme === '[' || lexeme === '{')) depth++;
    if (!scalar && (lexeme === ']' || lexeme === '}')) depth--;
    if (depth > MAX_NESTING) fail(source, offset, `nested deeper than ${MAX_NESTING} levels`);
    scalar = false;
    offset += lexeme.length;
  }
  const deep = new RegExp(`^[ \\t?:-]{${MAX_NESTING + 1}}`, 'm').exec(source.text);
  if (deep !== null) fail(source, deep.index, `indented by more than ${MAX_NESTING} columns`);
}

type Targets = ReadonlyMap<unknown, ParsedNode>;

/** What each alias stands for: the last node before it that has the anchor. */
function targetsOf(source: Source, document: Document<ParsedNode>): Targets {
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

function toNode(source: Source, node: ParsedNode | null, targets: Targets, fallback = 0): Node {
  if (node === null) return { kind: 'null', at: fallback, text: 'null' };
  const at = node.range[0];
  if (isAlias(node)) {
    const target = targets.get(node);
    return target === undefined ? { kind: 'null', at, text: 'null' } : toNode(source, target, targets);
  }
  if (isMap(node)) return { kind: 'object', at, members: () => members(source, node.items, targets) };
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
              members: () => members(source, [pair], targets),
            };
          } else yield toNode(source, item as ParsedNode, targets, at);
        }
      },
    };
  }
  return scalar(node.value, at);
}

type Pairs = readonly { readonly key: ParsedNode | null; readonly value: ParsedNode | null }[];

function* members(source: Source, pairs: Pairs, targets: Targets): Generator<Member> {
  const seen = new Set<string>();
  for (const pair of pairs) {
    const keyAt = pair.key?.range[0] ?? pair.value?.range[0] ?? 0;
    const keyNode = toNode(source, pair.key, targets, keyAt);
    if (keyNode.kind === 'object' || keyNode.kind === 'array')
      fail(source, keyAt, 'a key that is not a word');
    const key = keyNode.text;
    if (key === '<<') fail(source, keyAt, 'merge keys (<<) are not read', { hint: 'write the fields out' });
    if (seen.has(key)) fail(source, keyAt, `the key ${quote(key)} stands twice in one mapping`);
    seen.add(key);
    yield { key, keyAt, value: toNode(source, pair.value, targets, keyAt) };
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

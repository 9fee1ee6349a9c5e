import type { Position } from '../error.js';
import { textOf } from '../profile/fields.js';
import { nearest } from '../profile/nearest.js';
import { describe, type Member, type Node, quote } from '../profile/node.js';
import { fail, openSource, type Source } from '../profile/source.js';
import { yamlDocuments } from '../profile/yamlDocuments.js';
import { documentNode } from '../profile/yamlText.js';
import type { Claim, ContextWords, Placed, Suite, SuiteTest } from './suite.js';

/** 20,000 rows of a table. */
const LIMITS = { documents: 1, lexemes: 1_000_000 };

/** Flags that describe a context, as on the command line. */
export const CONTEXT_FLAGS = [
  'like',
  'engine',
  'runtime',
  'libseccomp',
  'kernel',
  'arch',
  'platform',
  'cap-add',
  'cap-drop',
  'privileged',
  'security-opt',
  'user',
  'profile',
  'nearest',
  'from-run',
  'from-compose',
  'from-devcontainer',
  'from-workflow',
] as const;

export const SUITE_KEYS = ['profile', 'contexts', 'tests'] as const;
export const TEST_KEYS = ['name', 'contexts', 'calls', 'never', 'always', 'within', 'equals'] as const;

/** Where the command's own flags say the context. */
export const DEFAULT_CONTEXT = 'default';

/**
 * Reads a suite, in YAML or JSON.
 *
 * @throws CallgateError `INPUT` with file, line and column, what was expected and the nearest valid word
 * @example
 * const suite = 'contexts: {new: docker@28.5.2}\ntests: [{name: pthreads, calls: {clone3: ENOSYS}}]';
 * readSuite(suite, 'profile.test.yaml').tests[0].claims.length // 1
 */
export function readSuite(input: string | Uint8Array, file: string): Suite {
  const source = openSource(input, file);
  const [document] = yamlDocuments(source, LIMITS);
  const root = document === undefined ? undefined : documentNode(source, document, true);
  if (root === undefined) fail(source, 0, 'an empty file', { expected: 'tests' });
  const members = known(source, root, SUITE_KEYS, 'a suite: a mapping');
  const contexts = new Map<string, ContextWords>();
  for (const { key, value } of mapping(source, members.get('contexts'), 'contexts')) {
    contexts.set(key, contextWords(source, value));
  }
  const names = contexts.size === 0 ? [DEFAULT_CONTEXT] : [...contexts.keys()];
  const tests = members.get('tests');
  if (tests?.kind !== 'array') {
    fail(source, tests?.at ?? root.at, tests === undefined ? 'no tests' : `unexpected ${describe(tests)}`, {
      expected: 'tests: a list',
    });
  }
  const profile = members.get('profile');
  return {
    file,
    ...(profile === undefined ? {} : { profile: placed(source, profile, 'profile: a file or target') }),
    contexts,
    tests: [...tests.elements()].map((node, index) => readTest(source, node, index, names)),
  };
}

/** A context in one word (`docker@28.5.2+SYS_ADMIN`), or as a mapping of flags. */
export function contextWords(source: Source, node: Node): ContextWords {
  const at = source.at(node.at);
  const word = textOf(node);
  if (word !== undefined) return { flags: new Map([['like', [{ text: word, at }]]]), at };
  const flags = new Map<string, readonly Placed[]>();
  for (const [key, value] of known(
    source,
    node,
    CONTEXT_FLAGS,
    'a target such as docker@28.5.2, or a mapping of flags',
  )) {
    flags.set(key, several(source, value, `${key}: a word or a list of them`));
  }
  return { flags, at };
}

function readTest(source: Source, node: Node, index: number, names: readonly string[]): SuiteTest {
  const members = known(
    source,
    node,
    TEST_KEYS,
    'a test: a mapping with calls, never, always, within or equals',
  );
  const chosen = members.get('contexts');
  const contexts =
    chosen === undefined
      ? names
      : several(source, chosen, 'contexts: names').map((name) =>
          contextName(source, name.text, chosen.at, names),
        );
  const claims: Claim[] = [];
  for (const { key, keyAt, value } of mapping(source, members.get('calls'), 'calls')) {
    claims.push(...verdicts(source, { text: key, at: source.at(keyAt) }, value, contexts, names));
  }
  for (const kind of ['never', 'always', 'within', 'equals'] as const) {
    const objects = members.get(kind);
    if (objects === undefined) continue;
    for (const object of several(source, objects, `${kind}: a word or a list of them`)) {
      claims.push({ kind, object, contexts });
    }
  }
  if (claims.length === 0) {
    fail(source, node.at, 'this test claims nothing', { expected: 'calls, never, always, within or equals' });
  }
  const name = members.get('name');
  return {
    name: name === undefined ? `test ${index + 1}` : placed(source, name, 'name: a text').text,
    at: source.at(node.at),
    claims,
  };
}

/** `clone3: ENOSYS` for every context, or `clone3: {new: ENOSYS, old: EPERM}`. */
function verdicts(
  source: Source,
  call: Placed,
  node: Node,
  contexts: readonly string[],
  names: readonly string[],
): readonly Claim[] {
  if (node.kind !== 'object') {
    return [
      {
        kind: 'verdict',
        call,
        expected: placed(source, node, 'a verdict such as allowed or EPERM'),
        contexts,
      },
    ];
  }
  return [...node.members()].map(({ key, keyAt, value }) => ({
    kind: 'verdict',
    call,
    expected: placed(source, value, 'a verdict such as allowed or EPERM'),
    contexts: [contextName(source, key, keyAt, names)],
  }));
}

function contextName(source: Source, word: string, at: number, names: readonly string[]): string {
  if (names.includes(word)) return word;
  const near = nearest(word, names);
  fail(source, at, `no context ${quote(word)}`, {
    expected: near === undefined ? names.join(', ') : `${near}?`,
  });
}

function known(
  source: Source,
  node: Node,
  keys: readonly string[],
  expected: string,
): ReadonlyMap<string, Node> {
  if (node.kind !== 'object') fail(source, node.at, `unexpected ${describe(node)}`, { expected });
  const found = new Map<string, Node>();
  for (const { key, keyAt, value } of node.members()) {
    if (!keys.includes(key)) {
      const near = nearest(key, keys);
      fail(source, keyAt, `unknown key ${quote(key)}`, {
        expected: near === undefined ? `one of ${keys.join(', ')}` : `${near}?`,
      });
    }
    found.set(key, value);
  }
  return found;
}

function mapping(source: Source, node: Node | undefined, name: string): readonly Member[] {
  if (node === undefined) return [];
  if (node.kind !== 'object')
    fail(source, node.at, `unexpected ${describe(node)}`, { expected: `${name}: a mapping` });
  return [...node.members()];
}

function several(source: Source, node: Node, expected: string): readonly Placed[] {
  if (node.kind !== 'array') return [placed(source, node, expected)];
  return [...node.elements()].map((element) => placed(source, element, expected));
}

function placed(source: Source, node: Node, expected: string): Placed {
  const text = textOf(node);
  if (text === undefined) fail(source, node.at, `unexpected ${describe(node)}`, { expected });
  return { text, at: place(source, node) };
}

const place = (source: Source, node: Node): Position => source.at(node.at);

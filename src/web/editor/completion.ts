import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import type { Text } from '@codemirror/state';
import type { Vocabulary, WordView } from '../core/editor.js';
import { ask } from '../state/client.js';

type SyntaxNode = ReturnType<ReturnType<typeof syntaxTree>['resolveInner']>;

let known: Promise<Vocabulary> | undefined;

/** Words of a profile for the string that is being written: keys by the object around it, values by their key. */
export async function completeWord({ state, pos }: CompletionContext): Promise<CompletionResult | null> {
  const node = syntaxTree(state).resolveInner(pos, -1);
  if (node.name !== 'String' && node.name !== 'PropertyName') return null;
  known ??= ask('vocabulary');
  const words = await known;
  const place = placeOf(node, state.doc);
  const options = node.name === 'PropertyName' ? keysOf(place.at(-1)) : valuesOf(place, words);
  if (options.length === 0) return null;
  const closed = state.doc.sliceString(node.to - 1, node.to) === '"' && node.to - node.from > 1;
  return { from: node.from + 1, to: closed ? node.to - 1 : node.to, options, validFor: /^\w*$/ };
}

/** Keys around a node, outermost first: `['syscalls', 'names']`. */
function placeOf(node: SyntaxNode, doc: Text): readonly string[] {
  const keys: string[] = [];
  for (
    let at: SyntaxNode | null = node.name === 'PropertyName' ? (node.parent?.parent ?? null) : node;
    at !== null;
    at = at.parent
  ) {
    const name = at.name === 'Property' ? at.getChild('PropertyName') : null;
    if (name !== null) keys.unshift(doc.sliceString(name.from + 1, name.to - 1));
  }
  return keys;
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': [
    'defaultAction',
    'defaultErrnoRet',
    'architectures',
    'archMap',
    'flags',
    'listenerPath',
    'listenerMetadata',
    'syscalls',
  ],
  syscalls: ['names', 'action', 'errnoRet', 'args', 'includes', 'excludes', 'comment'],
  archMap: ['architecture', 'subArchitectures'],
  args: ['index', 'value', 'valueTwo', 'op'],
  includes: ['caps', 'arches', 'minKernel'],
  excludes: ['caps', 'arches', 'minKernel'],
};

function keysOf(key: string | undefined): readonly Completion[] {
  return (KEYS[key ?? ''] ?? []).map((label) => ({ label, type: 'property' }));
}

function valuesOf(place: readonly string[], words: Vocabulary): readonly Completion[] {
  const plain = (list: readonly string[]): readonly Completion[] =>
    list.map((label) => ({ label, type: 'constant' }));
  const told = (list: readonly WordView[]): readonly Completion[] =>
    list.map(({ word, about }) => ({ label: word, info: about, type: 'function' }));
  switch (place.at(-1)) {
    case 'action':
    case 'defaultAction':
      return plain(words.actions);
    case 'op':
      return plain(words.operators);
    case 'architecture':
    case 'subArchitectures':
    case 'architectures':
      return plain(words.architectures);
    case 'caps':
      return told(words.capabilities);
    case 'names':
    case 'name':
      return told(words.calls);
    case 'arches':
      return plain(words.conditionArches);
    case 'flags':
      return plain(words.flags);
    default:
      return [];
  }
}

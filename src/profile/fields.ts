import type { Node } from './node.js';
import { memberOf } from './node.js';

/** No list of a manifest that anybody keeps is longer; what an alias repeats is bounded with it. */
const MOST_ELEMENTS = 100_000;

/** The value at a path of keys; undefined where something on the way is not there. */
export function field(node: Node | undefined, ...path: readonly string[]): Node | undefined {
  let found = node;
  for (const key of path) {
    if (found === undefined) return undefined;
    found = memberOf(found, key);
  }
  return found?.kind === 'null' ? undefined : found;
}

/** A string, or a number or boolean as it is written. */
export function textOf(node: Node | undefined): string | undefined {
  if (node === undefined || node.kind === 'object' || node.kind === 'array' || node.kind === 'null')
    return undefined;
  return node.text;
}

/** A boolean, in the words that kubectl's YAML reader takes for one. */
export function boolOf(node: Node | undefined): boolean | undefined {
  const text = textOf(node);
  if (text === undefined) return undefined;
  if (/^(true|yes|on|y)$/i.test(text)) return true;
  return /^(false|no|off|n)$/i.test(text) ? false : undefined;
}

export function elementsOf(node: Node | undefined): readonly Node[] {
  if (node?.kind !== 'array') return [];
  const found: Node[] = [];
  for (const element of node.elements()) {
    if (found.length === MOST_ELEMENTS) break;
    found.push(element);
  }
  return found;
}

export function textsOf(node: Node | undefined): readonly string[] {
  return elementsOf(node).flatMap((element) => textOf(element) ?? []);
}

/** The members that are texts: labels, annotations. The last one of a key counts. */
export function textMembers(node: Node | undefined): ReadonlyMap<string, { text: string; at: number }> {
  const found = new Map<string, { text: string; at: number }>();
  if (node?.kind !== 'object') return found;
  for (const { key, keyAt, value } of node.members()) {
    const text = textOf(value);
    if (text !== undefined) found.set(key, { text, at: keyAt });
  }
  return found;
}

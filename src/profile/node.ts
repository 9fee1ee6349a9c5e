/** A value of a document, JSON or YAML, before it has a meaning. Containers are walked on demand. */
export type Node = ObjectNode | ArrayNode | ScalarNode;

export interface ObjectNode {
  readonly kind: 'object';
  /** Offset in the text. */
  readonly at: number;
  /** In document order, repeated keys included. */
  readonly members: () => Iterable<Member>;
}

export interface Member {
  readonly key: string;
  readonly keyAt: number;
  readonly value: Node;
}

export interface ArrayNode {
  readonly kind: 'array';
  readonly at: number;
  readonly elements: () => Iterable<Node>;
}

interface ScalarNode {
  readonly kind: 'string' | 'number' | 'boolean' | 'null';
  readonly at: number;
  /** A string's value; a number as written, so that 64-bit integers stay exact. */
  readonly text: string;
}

/** The value of the last member with exactly this key. */
export function memberOf(node: Node, key: string): Node | undefined {
  if (node.kind !== 'object') return undefined;
  let found: Node | undefined;
  for (const member of node.members()) if (member.key === key) found = member.value;
  return found;
}

/** `an object`, `the string "x"`, `the number 1.5`: for messages. */
export function describe(node: Node): string {
  switch (node.kind) {
    case 'object':
    case 'array':
      return node.kind;
    case 'string':
      return `string ${quote(node.text)}`;
    case 'number':
      return `number ${clip(node.text)}`;
    case 'boolean':
    case 'null':
      return node.text;
  }
}

/** In double quotes with control characters escaped, at most 60 characters of it. */
export function quote(text: string): string {
  return JSON.stringify(clip(text));
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

import type { ArrayNode, Member, Node, ObjectNode } from './node.js';

export const OBJECT = 1;
export const ARRAY = 2;
export const STRING = 3;
export const NUMBER = 4;
/** `true`, `false`, `null`. */
export const WORD = 5;

/**
 * Values of a JSON text in document order, 9 bytes each; an object's members are a key and a value after each other.
 */
export class Tape {
  length = 0;
  kind = new Uint8Array(1024);
  start = new Uint32Array(1024);
  /** Scalars: end offset in the text. Containers: index on the tape after their last value. */
  end = new Uint32Array(1024);

  push(kind: number, start: number, end: number): number {
    if (this.length === this.kind.length) {
      this.kind = grown(this.kind, new Uint8Array(this.length * 2));
      this.start = grown(this.start, new Uint32Array(this.length * 2));
      this.end = grown(this.end, new Uint32Array(this.length * 2));
    }
    this.kind[this.length] = kind;
    this.start[this.length] = start;
    this.end[this.length] = end;
    return this.length++;
  }
}

function grown<T extends Uint8Array | Uint32Array>(old: T, next: T): T {
  next.set(old);
  return next;
}

/** The value at an index of a complete tape. */
export function nodeAt(text: string, tape: Tape, index: number): Node {
  const at = tape.start[index] ?? 0;
  const end = tape.end[index] ?? 0;
  switch (tape.kind[index]) {
    case OBJECT:
      return { kind: 'object', at, members: () => members(text, tape, index) } satisfies ObjectNode;
    case ARRAY:
      return { kind: 'array', at, elements: () => elements(text, tape, index) } satisfies ArrayNode;
    case STRING:
      return { kind: 'string', at, text: unquote(text, at, end) };
    case NUMBER:
      return { kind: 'number', at, text: text.slice(at, end) };
    default: {
      const word = text.slice(at, end);
      return { kind: word === 'null' ? 'null' : 'boolean', at, text: word };
    }
  }
}

/** Index of the value after this one on the same level. */
function after(tape: Tape, index: number): number {
  const kind = tape.kind[index];
  return kind === OBJECT || kind === ARRAY ? (tape.end[index] ?? 0) : index + 1;
}

function* members(text: string, tape: Tape, container: number): Generator<Member> {
  const end = tape.end[container] ?? 0;
  for (let key = container + 1; key < end; key = after(tape, key + 1)) {
    const keyAt = tape.start[key] ?? 0;
    yield { key: unquote(text, keyAt, tape.end[key] ?? 0), keyAt, value: nodeAt(text, tape, key + 1) };
  }
}

function* elements(text: string, tape: Tape, container: number): Generator<Node> {
  const end = tape.end[container] ?? 0;
  for (let index = container + 1; index < end; index = after(tape, index)) yield nodeAt(text, tape, index);
}

/** Lone surrogates become U+FFFD, as Go's unquote makes them. */
function unquote(text: string, start: number, end: number): string {
  const raw = text.slice(start, end);
  const value: string = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
  return value.replace(/[\uD800-\uDFFF]/gu, '\uFFFD');
}

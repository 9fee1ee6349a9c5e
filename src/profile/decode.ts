import { CallgateError } from '../error.js';
import { nearest } from './nearest.js';
import { describe, type Node, type ObjectNode, quote } from './node.js';
import type { Notes } from './notes.js';
import { type Field, foldKey, type Shape, type StructShape } from './shape.js';
import { fail, type Source } from './source.js';

/** A value with the place that it came from; `undefined` stands for Go's zero value. */
export type Decoded = DecodedStruct | DecodedList | DecodedScalar;

export interface DecodedStruct {
  readonly kind: 'struct';
  at: number;
  readonly fields: { [name: string]: Decoded | undefined };
}

interface DecodedList {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly (Decoded | undefined)[];
  readonly length: number;
}

interface DecodedScalar {
  readonly kind: 'scalar';
  readonly at: number;
  readonly value: string | bigint | boolean;
}

/** More than any real profile holds (the largest default has under 2,000): what a hostile text can make us keep. */
const MAX_ELEMENTS = 200_000;
/** The same of one text in it, which errors quote. */
const MAX_CHARACTERS = 65_536;

/**
 * Decodes a document into a shape the way Go's encoding/json decodes into a struct that is empty at first:
 * keys without regard to case, later assignments over earlier ones, null for "leave it" or nil, unknown fields skipped.
 * A key that stands twice is decoded twice into the same variable: scalars are replaced, structs are merged, and a list is
 * filled again from its first element, where structs in it keep the fields that the second text does not mention
 * (golang/go issue 21092; elements beyond a list's length are kept for the next one, too).
 * @throws CallgateError `INPUT` with the first value of a wrong type (reported, as in Go, only once all is decoded).
 */
export function decode(source: Source, root: Node, shape: StructShape, notes: Notes): DecodedStruct {
  let firstError: CallgateError | undefined;
  let elementsRead = 0;

  const mismatch = (node: Node, expected: string, details: { hint?: string } = {}): void => {
    firstError ??= new CallgateError('INPUT', `unexpected ${describe(node)}`, {
      at: source.at(node.at),
      expected,
      ...details,
    });
  };

  /** Every list element counts; the fields of a struct are few. */
  const count = (at: number): void => {
    if (++elementsRead > MAX_ELEMENTS) {
      fail(source, at, `the profile’s lists hold more than ${MAX_ELEMENTS} elements`, {
        hint: 'remove repeated names and rules',
      });
    }
  };

  const value = (
    node: Node,
    wanted: Shape,
    previous: Decoded | undefined,
    name: string,
  ): Decoded | undefined => {
    if (node.kind === 'null') {
      const nil = wanted.kind === 'list' || ('pointer' in wanted && wanted.pointer);
      return nil ? undefined : previous;
    }
    switch (wanted.kind) {
      case 'string':
        if (node.kind === 'string') {
          if (node.text.length > MAX_CHARACTERS)
            fail(source, node.at, `${name}: a text of ${node.text.length} characters`, {
              expected: `at most ${MAX_CHARACTERS} characters`,
            });
          return { kind: 'scalar', at: node.at, value: node.text };
        }
        mismatch(node, `${name}: a string`);
        return previous;
      case 'boolean':
        if (node.kind === 'boolean') return { kind: 'scalar', at: node.at, value: node.text === 'true' };
        mismatch(node, `${name}: true or false`);
        return previous;
      case 'uint':
        return number(node, wanted, previous, name);
      case 'list':
        if (node.kind === 'array') return elements(node, wanted, previous, name);
        mismatch(node, `${name}: an array`);
        return previous;
      case 'struct':
        if (node.kind === 'object') return fields(node, wanted, previous);
        mismatch(node, `${name}: an object`);
        return previous;
    }
  };

  const number = (
    node: Node,
    wanted: Shape & { kind: 'uint' },
    previous: Decoded | undefined,
    name: string,
  ): Decoded | undefined => {
    // strconv.ParseUint: digits only, so 1.0, 1e3 and -0 are refused, too. JSON has no leading zeros.
    const digits = 'text' in node && /^[0-9]{1,20}$/.test(node.text);
    const typed = node.kind === 'number' || (wanted.orString === true && node.kind === 'string');
    const limit = wanted.exact ? 2n ** 64n : 2n ** 53n;
    if (digits && typed && BigInt(node.text) < limit)
      return { kind: 'scalar', at: node.at, value: BigInt(node.text) };
    const hint = digits && !typed ? { hint: 'write it without quotes' } : {};
    mismatch(node, `${name}: an integer from 0 to ${limit - 1n}`, hint);
    return previous;
  };

  const elements = (
    node: Node & { kind: 'array' },
    wanted: Shape & { kind: 'list' },
    previous: Decoded | undefined,
    name: string,
  ): Decoded => {
    const old = previous?.kind === 'list' ? previous.items : [];
    const items: (Decoded | undefined)[] = [];
    for (const element of node.elements()) {
      if (element.kind === 'null' && wanted.nullElements === 'refused') {
        mismatch(element, `${name}[${items.length}]: an object`);
      }
      count(element.at);
      items.push(value(element, wanted.of, old[items.length], `${name}[${items.length}]`));
    }
    // Go makes a new, empty slice for []; otherwise what the old one held beyond the new length stays in reach.
    const length = items.length;
    if (length > 0) for (let i = length; i < old.length; i++) items.push(old[i]);
    return { kind: 'list', at: node.at, items, length };
  };

  const fields = (node: ObjectNode, wanted: StructShape, previous: Decoded | undefined): DecodedStruct => {
    const result: DecodedStruct =
      previous?.kind === 'struct' ? previous : { kind: 'struct', at: node.at, fields: {} };
    result.at = node.at;
    let seen = 0;
    for (const { key, keyAt, value: member } of node.members()) {
      const field = fieldFor(wanted, key);
      if (field === undefined) {
        if (!wanted.partial) unknownField(wanted, key, keyAt);
        continue;
      }
      if (key !== field.name) {
        notes.add(
          'key-case',
          `${quote(key)} is read as ${quote(field.name)}: Go ignores the case of keys`,
          keyAt,
        );
      }
      if (seen & field.bit) {
        notes.add(
          'duplicate-key',
          `${quote(field.name)} stands here again: ${duplicateMeaning(field.shape)}`,
          keyAt,
        );
      }
      seen |= field.bit;
      result.fields[field.name] = memberValue(member, field, result.fields[field.name]);
    }
    return result;
  };

  const memberValue = (member: Node, field: Field, previous: Decoded | undefined): Decoded | undefined => {
    if (field.onlyFor === undefined || member.kind === 'null' || member.kind === field.shape.kind) {
      return value(member, field.shape, previous, field.name);
    }
    notes.add(
      'wrong-type',
      `${describe(member)} as ${quote(field.name)}: only ${field.onlyFor} read this field, and refuse this value`,
      member.at,
    );
    return previous;
  };

  const unknownField = (wanted: StructShape, key: string, keyAt: number): void => {
    const text = (): string => {
      const meant = nearest(key, [...wanted.fields.keys()]);
      const hint = meant === undefined ? '' : `; did you mean ${quote(meant)}?`;
      return `${quote(key)} means nothing in a ${wanted.title} and is ignored${hint}`;
    };
    notes.add('unknown-field', text, keyAt);
  };

  const result = value(root, shape, undefined, shape.title);
  if (firstError !== undefined) throw firstError;
  return result?.kind === 'struct' ? result : { kind: 'struct', at: root.at, fields: {} };
}

function duplicateMeaning(shape: Shape): string {
  switch (shape.kind) {
    case 'list':
      return 'Go fills the first list again from its start, and what the second does not mention of an element stays';
    case 'struct':
      return 'Go merges the two';
    case 'string':
    case 'boolean':
    case 'uint':
      return 'the last one counts';
  }
}

function fieldFor(shape: StructShape, key: string): Field | undefined {
  const exact = shape.fields.get(key);
  if (exact !== undefined || shape.exactKeys || key.length > LONGEST_KEY) return exact;
  return shape.folded.get(foldKey(key));
}

/** No field of any layout has a longer name. */
const LONGEST_KEY = 32;

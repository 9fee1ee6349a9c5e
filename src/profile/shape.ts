/** What a Go type takes from JSON. */
export type Shape =
  | { readonly kind: 'string' }
  | { readonly kind: 'boolean' }
  /**
   * `exact`: uint64, kept to the last bit. Else a uint that ends up in a double: nothing above 2^53 - 1.
   * `orString`: its digits may stand in a string.
   */
  | { readonly kind: 'uint'; readonly exact: boolean; readonly pointer?: true; readonly orString?: true }
  /** A null element is the element's zero value, or an error where the elements are pointers that nobody checks. */
  | { readonly kind: 'list'; readonly of: Shape; readonly nullElements: 'zero' | 'refused' }
  | StructShape;

export interface StructShape {
  readonly kind: 'struct';
  /** For messages. */
  readonly title: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** The same, by folded name. */
  readonly folded: ReadonlyMap<string, Field>;
  readonly pointer?: true;
  /** Kubernetes matches keys exactly, Go's encoding/json without regard to case. */
  readonly exactKeys?: true;
  /** Of a document that holds much besides the profile: no notes on unknown fields. */
  readonly partial?: true;
}

export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** Each field of a struct has a bit of its own. */
  readonly bit: number;
  /** Who alone reads this field: a value of a wrong type is a note, as every other reader ignores it. */
  readonly onlyFor?: string;
}

type FieldSpec = Shape | { readonly shape: Shape; readonly onlyFor: string };

/** A struct shape from its fields. */
export function struct(
  title: string,
  specs: Readonly<Record<string, FieldSpec>>,
  options: Pick<StructShape, 'pointer' | 'exactKeys' | 'partial'> = {},
): StructShape {
  const fields = new Map<string, Field>();
  for (const [name, spec] of Object.entries(specs)) {
    const bit = 1 << fields.size;
    fields.set(name, 'shape' in spec ? { name, bit, ...spec } : { name, bit, shape: spec });
  }
  const folded = new Map([...fields].map(([name, field]) => [foldKey(name), field]));
  return { kind: 'struct', title, fields, folded, ...options };
}

/** Unicode's simple case folding as far as it reaches ASCII letters: besides A-Z the long s and the Kelvin sign (Go's encoding/json, fold.go). */
export function foldKey(key: string): string {
  return key.replace(/[A-Z\u017F\u212A]/g, (letter) => {
    if (letter === '\u017F') return 's';
    return letter === '\u212A' ? 'k' : letter.toLowerCase();
  });
}

export function list(of: Shape, nullElements: 'zero' | 'refused' = 'zero'): Shape {
  return { kind: 'list', of, nullElements };
}

export const string: Shape = { kind: 'string' };
export const boolean: Shape = { kind: 'boolean' };
export const uint: Shape = { kind: 'uint', exact: false };
export const uint64: Shape = { kind: 'uint', exact: true };
export const uintPointer: Shape = { kind: 'uint', exact: false, pointer: true };

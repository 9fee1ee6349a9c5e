/** As much of JSON Schema, draft 07, as is written here. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

export const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** A word of a list; editors propose them. */
export const oneOf = (words: readonly string[]): Schema => ({ type: 'string', enum: [...new Set(words)] });

/** A word of a list, or another one of the same shape that is newer than the list. */
export const known = (words: readonly string[], pattern: string): Schema => ({
  type: 'string',
  anyOf: [{ enum: [...new Set(words)] }, { pattern }],
});

/** An object with these keys and no others. */
export function closed(properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema {
  return { type: 'object', additionalProperties: false, properties, ...more };
}

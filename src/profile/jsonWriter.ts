export type JsonValue = string | number | bigint | boolean | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  /** Undefined members are left out. */
  readonly [key: string]: JsonValue | undefined;
}

const WIDTH = 100;
const INDENT = '  ';

/**
 * JSON for people: two spaces of indentation, arrays and objects on one line where they fit in 100 columns and hold
 * nothing but scalars, everything else with one element a line. Bigints keep all their digits. Ends with a line feed.
 */
export function writeJson(value: JsonValue): string {
  return `${write(value, '', 0)}\n`;
}

/** `before`: columns already taken on the line. */
function write(value: JsonValue, indent: string, before: number): string {
  if (typeof value === 'bigint' || typeof value === 'number') return value.toString();
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = indent + INDENT;
  if (isArray(value)) {
    const short = value.every(isScalar) ? inline(value) : undefined;
    if (short !== undefined && before + short.length <= WIDTH) return short;
    return block(
      '[',
      ']',
      value.map((item) => inner + write(item, inner, inner.length)),
      indent,
    );
  }
  const members = Object.entries(value).filter(
    (entry): entry is [string, JsonValue] => entry[1] !== undefined,
  );
  const short = members.every(([, item]) => isScalar(item)) ? inlineObject(members) : undefined;
  // Only objects in a list are set on one line: a profile itself never is.
  if (short !== undefined && indent !== '' && before + short.length <= WIDTH) return short;
  const lines = members.map(([key, item]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return start + write(item, inner, start.length);
  });
  return block('{', '}', lines, indent);
}

function block(open: string, close: string, lines: readonly string[], indent: string): string {
  return lines.length === 0 ? open + close : `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

function inline(items: readonly JsonValue[]): string {
  return `[${items.map((item) => write(item, '', 0)).join(', ')}]`;
}

function inlineObject(members: readonly [string, JsonValue][]): string {
  if (members.length === 0) return '{}';
  return `{ ${members.map(([key, item]) => `${JSON.stringify(key)}: ${write(item, '', 0)}`).join(', ')} }`;
}

function isScalar(value: JsonValue): boolean {
  return typeof value !== 'object';
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

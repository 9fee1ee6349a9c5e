/** Where in a document something is being written. */
export interface Place {
  readonly kind: 'key' | 'value';
  /** Keys around it, outermost first; list indices are left out: `['syscalls', 'names']`. */
  readonly keys: readonly string[];
  /** The word that stands there, without its quotes: offsets in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** Whether it stands in quotes. */
  readonly quoted: boolean;
}

/** The place at an offset of a text that need not be whole. */
export function placeAt(text: string, offset: number): Place | undefined {
  return looksLikeJson(text) ? jsonPlace(text, offset) : yamlPlace(text, offset);
}

export const looksLikeJson = (text: string): boolean => /^[\s\uFEFF]*[{[/]/.test(text);

interface Level {
  readonly kind: 'object' | 'array';
  key: string | undefined;
  /** After a colon, until the next comma. */
  inValue: boolean;
}

/** Reads tokens up to the offset; what is wrong with them is the parser's business. */
function jsonPlace(text: string, offset: number): Place | undefined {
  const levels: Level[] = [];
  const token = /"(?:[^"\\\n]|\\.)*"?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|[{}[\],:]|[^\s{}[\],:"/]+|\//g;
  let last: string | undefined;
  for (const match of text.matchAll(token)) {
    const [word] = match;
    const end = match.index + word.length;
    if (match.index >= offset && !touches(word, match.index, offset)) break;
    if (word.startsWith('//') || word.startsWith('/*')) {
      if (offset > match.index && offset <= end) return undefined;
      continue;
    }
    const isWord = !/^[{}[\],:]$/.test(word);
    if (isWord && offset > match.index && offset <= end) {
      const closed = word.length > 1 && word.endsWith('"');
      const quoted = word.startsWith('"');
      if (quoted && closed && offset === end) return undefined;
      return {
        ...around(levels),
        from: quoted ? match.index + 1 : match.index,
        to: closed ? end - 1 : end,
        quoted,
      };
    }
    const level = levels.at(-1);
    switch (word) {
      case '{':
        levels.push({ kind: 'object', key: undefined, inValue: false });
        break;
      case '[':
        levels.push({ kind: 'array', key: undefined, inValue: true });
        break;
      case '}':
      case ']':
        levels.pop();
        break;
      case ':':
        if (level?.kind === 'object') {
          level.key = last;
          level.inValue = true;
        }
        break;
      case ',':
        if (level?.kind === 'object') level.inValue = false;
        break;
      default:
        last = word.replace(/^"|"$/g, '');
    }
  }
  return levels.length === 0 ? undefined : { ...around(levels), from: offset, to: offset, quoted: false };
}

const touches = (word: string, at: number, offset: number): boolean =>
  at === offset && !/^[{}[\],:"]/.test(word);

function around(levels: readonly Level[]): Pick<Place, 'kind' | 'keys'> {
  const innermost = levels.at(-1);
  const keys = levels.flatMap(({ key, inValue }) => (key === undefined || !inValue ? [] : [key]));
  return { kind: innermost?.kind === 'object' && !innermost.inValue ? 'key' : 'value', keys };
}

const YAML_LINE = /^(\s*)((?:- +)*)(?:(["']?)([\w.$-]+)\3\s*:(?:\s+|$))?(.*)$/;

/** Block mappings and lists by their indentation; lists and mappings in brackets within one line. */
function yamlPlace(text: string, offset: number): Place | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(start, offset);
  if (/(?:^|\s)#/.test(before)) return undefined;
  const [, blank = '', dashes = '', , key, rest = ''] = YAML_LINE.exec(before) ?? [];
  const outer = yamlKeys(text.slice(0, start), blank.length + dashes.length, dashes !== '');
  const word = /[\w.@-]*$/.exec(rest)?.[0] ?? '';
  const tail = /^[\w.-]*/.exec(text.slice(offset))?.[0] ?? '';
  const quote = /["']$/.test(rest.slice(0, rest.length - word.length));
  const span = { from: offset - word.length, to: offset + tail.length, quoted: quote };
  const inFlow = /[[{]/.test(rest);
  if (key !== undefined) {
    const inner = inFlow ? /([\w.$-]+)["']?\s*:\s*["']?[\w.-]*$/.exec(rest)?.[1] : undefined;
    const keys = [...outer, key, ...(inner === undefined ? [] : [inner])];
    return { kind: flowKey(rest) ? 'key' : 'value', keys, ...span };
  }
  // A bare word in a list of words is a value, any other is the beginning of a key.
  const listed = dashes !== '' && WORD_LISTS.has(outer.at(-1) ?? '');
  return { kind: listed || inFlow ? 'value' : 'key', keys: outer, ...span };
}

const WORD_LISTS: ReadonlySet<string> = new Set([
  'names',
  'caps',
  'arches',
  'architectures',
  'subArchitectures',
  'flags',
]);

/** `{ action: x, ` is before a key. */
function flowKey(rest: string): boolean {
  const open = Math.max(rest.lastIndexOf('{'), rest.lastIndexOf('['));
  return open >= 0 && rest[open] === '{' && /[{,]\s*["']?[\w.-]*$/.test(rest.slice(open));
}

/** Keys of the lines above that stand further left, outermost first. */
function yamlKeys(above: string, column: number, inList: boolean): readonly string[] {
  const keys: string[] = [];
  let limit = column;
  // In a list under a key, the dashes may stand below the key's first letter.
  let same = inList;
  const lines = above.split('\n');
  for (let index = lines.length - 1; index >= 0 && (limit > 0 || same); index--) {
    const line = lines[index] ?? '';
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, blank = '', dashes = '', , key] = YAML_LINE.exec(line) ?? [];
    const at = blank.length + dashes.length;
    if (key !== undefined && at < limit) {
      keys.unshift(key);
      limit = at;
      same = dashes !== '';
    } else if (dashes !== '' && blank.length < limit && at < limit) limit = at;
    if (dashes !== '' && blank.length < limit) {
      // The list's own key stands at the dash or left of it.
      limit = Math.min(limit, blank.length + 1);
    }
  }
  return keys;
}

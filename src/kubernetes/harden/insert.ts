import { isCollection, isNode, isPair, type ParsedNode, type YAMLSeq } from 'yaml';
import type { Edit } from '../../lint/edit.js';
import type { ParsedMap, Tree } from './tree.js';
import type { Wanted } from './wish.js';

/** How a text is laid out. */
export interface Style {
  readonly newline: '\n' | '\r\n';
  /** Blanks for each level. */
  readonly step: number;
  readonly json: boolean;
}

export function styleOf(text: string): Style {
  const [, outer = '', inner = ''] =
    /^( *)(?:- )?["']?[\w./-]+["']?:[ \t]*[{[]?[ \t]*(?:#.*)?\r?\n( +)["'\w]/m.exec(text) ?? [];
  const step = inner.length - outer.length;
  return {
    newline: text.includes('\r\n') ? '\r\n' : '\n',
    step: step > 0 && step <= 8 ? step : 2,
    json: /^\s*[{[]\s*(["{[]|$)/.test(text.slice(0, 1000)),
  };
}

/** New keys for a mapping: behind its last one, or at its top, on lines of their own unless it stands in braces. */
export function insertFields(tree: Tree, style: Style, map: ParsedMap, fields: Wanted, atTop: boolean): Edit {
  const { text } = tree;
  const first = map.items[0];
  if (map.flow === true || first === undefined) return insertFlow(text, style, map, fields);
  const column = columnOf(text, first.key.range[0]);
  const lines = blockLines(fields, column, style);
  const key = tree.pairOf(map)?.key;
  if (atTop && key !== undefined && lineEnd(text, key.range[1]) < first.key.range[0]) {
    const at = lineEnd(text, key.range[1]);
    return insertion(at, `${lines.join(style.newline)}${style.newline}`);
  }
  const last = map.items.at(-1) ?? first;
  return insertBehind(text, style, contentEnd(last), column, lines);
}

/** A word for a list, behind its last one. */
export function insertItem(tree: Tree, style: Style, seq: YAMLSeq.Parsed, word: string): Edit {
  const { text } = tree;
  const last = seq.items.at(-1) as ParsedNode | undefined;
  const item = flowText(word, style);
  if (seq.flow === true || last === undefined)
    return insertInBraces(text, style, seq.range[1] - 1, last?.range, item);
  const column = columnOf(text, seq.range[0]);
  return insertBehind(text, style, contentEnd(last), column, [`${' '.repeat(column)}- ${item}`]);
}

/** Where the last word of a value ends: the ranges of block collections take in comments and blanks behind them. */
function contentEnd(node: unknown): number {
  if (isPair(node)) return contentEnd(node.value ?? node.key);
  if (isCollection(node) && node.flow !== true && node.items.length > 0) return contentEnd(node.items.at(-1));
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

const insertion = (at: number, text: string): Edit => ({ from: at, to: at, text });

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** Offset behind the line's end; the text's end for a last line without one. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** Lines behind a block value, and behind the comments that belong to it by their indentation. */
function insertBehind(
  text: string,
  { newline }: Style,
  end: number,
  column: number,
  lines: readonly string[],
): Edit {
  let at = end > 0 && text[end - 1] === '\n' ? end : lineEnd(text, end);
  const comment = /[ \t]*#.*(?:\n|$)/y;
  for (;;) {
    comment.lastIndex = at;
    const [found] = comment.exec(text) ?? [];
    if (found === undefined || found === '' || found.indexOf('#') <= column) break;
    at += found.length;
  }
  const closed = at === 0 || text[at - 1] === '\n';
  return closed
    ? insertion(at, `${lines.join(newline)}${newline}`)
    : insertion(at, `${newline}${lines.join(newline)}`);
}

function insertFlow(text: string, style: Style, map: ParsedMap, fields: Wanted): Edit {
  const members = Object.entries(fields).map(
    ([key, value]) => `${keyText(key, style)}: ${flowText(value, style)}`,
  );
  const last = map.items.at(-1);
  const range =
    last === undefined ? undefined : ([last.key.range[0], (last.value ?? last.key).range[1]] as const);
  return insertInBraces(text, style, map.range[1] - 1, range, members.join(', '));
}

/** In front of a closing bracket: on a line of its own where the last element has one. */
function insertInBraces(
  text: string,
  { newline }: Style,
  close: number,
  last: readonly [number, number, ...unknown[]] | undefined,
  item: string,
): Edit {
  if (last === undefined) return insertion(close, text[close - 1] === ' ' ? `${item} ` : item);
  const comma = /\s*,/y;
  comma.lastIndex = last[1];
  const trailing = comma.test(text);
  const at = trailing ? comma.lastIndex : last[1];
  const column = columnOf(text, last[0]);
  const alone = text.slice(last[0] - column, last[0]).trim() === '' && text.slice(at, close).includes('\n');
  const before = alone ? `${newline}${text.slice(last[0] - column, last[0])}` : ' ';
  return insertion(at, `${trailing ? '' : ','}${before}${item}${trailing ? ',' : ''}`);
}

function blockLines(fields: Wanted, column: number, style: Style): readonly string[] {
  const pad = ' '.repeat(column);
  return Object.entries(fields).flatMap(([key, value]): readonly string[] => {
    if (typeof value === 'string' || typeof value === 'boolean')
      return [`${pad}${key}: ${flowText(value, style)}`];
    if (isList(value))
      return [`${pad}${key}:`, ...value.map((word) => `${pad}${' '.repeat(style.step)}- ${word}`)];
    return [`${pad}${key}:`, ...blockLines(value, column + style.step, style)];
  });
}

const isList = (value: Wanted | readonly string[]): value is readonly string[] => Array.isArray(value);

function keyText(key: string, { json }: Style): string {
  return json ? JSON.stringify(key) : key;
}

/** A value on one line. Words that YAML would take for something else are quoted. */
export function flowText(value: Wanted[string], style: Style, quote = ''): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    if (style.json || quote === '"') return JSON.stringify(value);
    if (quote === "'") return `'${value.replaceAll("'", "''")}'`;
    return /^[A-Za-z][\w./-]*$/.test(value) ? value : JSON.stringify(value);
  }
  if (isList(value)) return `[${value.map((word) => flowText(word, style)).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${keyText(key, style)}: ${flowText(inner, style)}`)
    .join(', ')}}`;
}

import { quote } from './node.js';
import { fail, type Source } from './source.js';

/*
 * Where a token of a JSON text ends, by the rules of Go's encoding/json (scanner.go). Only the strings of the few fields that
 * are read are ever decoded, so nothing is built here.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const SPACE = 0x20;

/** Offset after the string that begins at `start`. */
export function stringEnd(source: Source, start: number): number {
  const { text } = source;
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i + 1;
    if (code === BACKSLASH) {
      const escaped = text.charCodeAt(i + 1);
      if (escaped === LETTER_U) {
        if (!HEX4.test(text.slice(i + 2, i + 6))) fail(source, i, 'incomplete \\u escape in a string');
        i += 5;
      } else if (ESCAPES.includes(text.charAt(i + 1)) && i + 1 < text.length) i++;
      else
        fail(source, i, 'invalid escape in a string', {
          expected: '\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hex digits',
        });
    } else if (code < SPACE) {
      if (code === 0x0a || code === 0x0d) break;
      fail(source, i, 'control character in a string', {
        expected: `\\u${code.toString(16).padStart(4, '0')}`,
      });
    }
  }
  fail(source, start, 'string without an end on its line');
}

const HEX4 = /^[0-9a-fA-F]{4}$/;
const ESCAPES = '"\\/bfnrt';

/** Offset after the number that begins at `start`. */
export function numberEnd(source: Source, start: number): number {
  const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
  number.lastIndex = start;
  const end = number.test(source.text) ? number.lastIndex : start;
  const next = source.text[end] ?? '';
  if (end === start || next === '.' || next === 'e' || next === 'E') fail(source, start, 'incomplete number');
  return end;
}

/** Offset after `true`, `false` or `null`. */
export function wordEnd(source: Source, start: number, expected: string): number {
  const word = /[A-Za-z0-9_$.-]*/y;
  word.lastIndex = start;
  word.test(source.text);
  const end = word.lastIndex;
  // The slice is short, however long the word.
  if (WORDS.includes(source.text.slice(start, Math.min(end, start + 6)))) return end;
  fail(source, start, `unexpected ${quote(source.text.slice(start, end))}`, { expected });
}

const WORDS: readonly string[] = ['true', 'false', 'null'];

/** Offset after the comment that begins at `start`, undefined where there is only a slash. */
export function commentEnd(source: Source, start: number): number | undefined {
  const { text } = source;
  if (text[start + 1] === '/') {
    const lineEnd = /[\r\n]/g;
    lineEnd.lastIndex = start;
    return lineEnd.exec(text)?.index ?? text.length;
  }
  if (text[start + 1] !== '*') return undefined;
  const end = text.indexOf('*/', start + 2);
  if (end === -1) fail(source, start, 'comment without an end');
  return end + 2;
}

import { fail, type Source } from '../profile/source.js';

/** One word of a command line after quoting is taken off. */
export interface ShellWord {
  readonly text: string;
  /** Offset of its first character. */
  readonly at: number;
}

/** What ends a simple command; a word that begins with # ends the line. */
const OPERATORS = new Set([';', '&', '|', '<', '>', '(', ')', '\n']);
const BLANKS = new Set([' ', '\t', '\r']);
/** Inside double quotes a backslash keeps its place before any other character (POSIX 2.2.3). */
const ESCAPED_IN_DOUBLE = new Set(['$', '`', '"', '\\']);

/**
 * The words of the first simple command, quoted as in a POSIX shell. Variables and command substitutions are kept as
 * they are written, since nobody knows their values here.
 *
 * @throws CallgateError `INPUT` for a quote that is not closed, at its place
 */
export function shellWords(source: Source): readonly ShellWord[] {
  const { text } = source;
  const words: ShellWord[] = [];
  let word: string | undefined;
  let start = 0;
  let i = 0;
  const add = (part: string): void => {
    if (word === undefined) start = i;
    word = (word ?? '') + part;
  };
  const end = (): void => {
    if (word !== undefined) words.push({ text: word, at: start });
    word = undefined;
  };
  while (i < text.length) {
    const char = text[i] ?? '';
    if (char === '\\' && (text[i + 1] === '\n' || text.startsWith('\r\n', i + 1))) {
      i += text[i + 1] === '\n' ? 2 : 3;
    } else if (char === '\\') {
      add(text[i + 1] ?? '');
      i += 2;
    } else if (char === "'") {
      const close = text.indexOf("'", i + 1);
      if (close === -1) fail(source, i, "the quote ' is not closed", { expected: "a second '" });
      add(text.slice(i + 1, close));
      i = close + 1;
    } else if (char === '"') {
      const { value, next } = doubleQuoted(source, i);
      add(value);
      i = next;
    } else if (char === '$' && text[i + 1] === '(') {
      const next = substitutionEnd(source, i);
      add(text.slice(i, next));
      i = next;
    } else if (BLANKS.has(char)) {
      end();
      i++;
    } else if (OPERATORS.has(char)) {
      end();
      if (words.length > 0) break;
      i++;
    } else if (char === '#' && word === undefined) {
      const line = text.indexOf('\n', i);
      i = line === -1 ? text.length : line;
    } else {
      add(char);
      i++;
    }
  }
  end();
  return words;
}

function doubleQuoted(source: Source, from: number): { readonly value: string; readonly next: number } {
  const { text } = source;
  let value = '';
  for (let i = from + 1; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '"') return { value, next: i + 1 };
    if (char === '\\' && text[i + 1] === '\n') i++;
    else if (char === '\\' && ESCAPED_IN_DOUBLE.has(text[i + 1] ?? '')) value += text[++i];
    else value += char;
  }
  return fail(source, from, 'the quote " is not closed', { expected: 'a second "' });
}

/** Behind the bracket that closes a `$(`; quotes inside are not looked at. */
function substitutionEnd(source: Source, from: number): number {
  let depth = 0;
  for (let i = from + 1; i < source.text.length; i++) {
    if (source.text[i] === '(') depth++;
    else if (source.text[i] === ')' && --depth === 0) return i + 1;
  }
  return fail(source, from, '$( is not closed', { expected: 'a )' });
}

/** A command line that stands inside a document: every place in it is that of the value. */
export function openQuoted(text: string, within: Source, at: number): Source {
  return { text, file: within.file, at: () => within.at(at) };
}

import type { Document, Path } from './document.js';

/** A piece of a text and what to put in its place; offsets in UTF-16 units. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A change of the text that mends a finding. */
export interface Fix {
  /** What it does, e.g. `write SCMP_ACT_ALLOW`. */
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** Applies fixes from the first on; one that overlaps an earlier one is left for the next round. */
export function applyFixes(
  text: string,
  fixes: readonly Fix[],
): { readonly text: string; readonly applied: number } {
  const taken: Edit[] = [];
  let applied = 0;
  for (const { edits } of fixes) {
    if (edits.some((edit) => taken.some((other) => edit.from < other.to && other.from < edit.to))) continue;
    for (const edit of edits) taken.push(edit);
    applied++;
  }
  const parts: string[] = [];
  let done = 0;
  for (const edit of taken.sort((a, b) => a.from - b.from)) {
    parts.push(text.slice(done, edit.from), edit.text);
    done = edit.to;
  }
  return { text: parts.join('') + text.slice(done), applied };
}

/** Puts a word in the place of another, quoted as the other was; undefined where the text has it in some other spelling. */
export function replaceWord(
  document: Document | undefined,
  path: Path,
  word: string,
  replacement: string,
): Fix | undefined {
  const from = document?.offsetOf(path);
  if (document === undefined || from === undefined) return undefined;
  const { text } = document;
  for (const quote of ['"', "'", '']) {
    const old = `${quote}${word}${quote}`;
    if (!text.startsWith(old, from)) continue;
    if (quote === '' && /[\w-]/.test(text.charAt(from + old.length))) return undefined;
    return {
      title: `write ${replacement} in place of ${word}`,
      edits: [{ from, to: from + old.length, text: `${quote}${replacement}${quote}` }],
    };
  }
  return undefined;
}

/** Takes a string out of a JSON array, with its comma and, where nothing else stands there, its line. Comments stay. */
export function removeString(document: Document | undefined, path: Path, word: string): Fix | undefined {
  const from = document?.offsetOf(path);
  const old = `"${word}"`;
  if (document === undefined || from === undefined || !document.text.startsWith(old, from)) return undefined;
  const { text } = document;
  const to = from + old.length;
  const title = `remove ${word}`;
  const next = skipBlank(text, to);
  if (text[next] === ',') {
    const after = next === to ? blankAfter(text, from, to + 1) : undefined;
    if (after !== undefined) return { title, edits: [{ ...after, text: '' }] };
    return {
      title,
      edits: [
        { from, to, text: '' },
        { from: next, to: next + 1, text: '' },
      ],
    };
  }
  const before = commaBefore(text, from);
  if (text[next] !== ']' || before === undefined) return undefined;
  const line = text.slice(before + 1, from).trim() === '' ? { from: before, to } : undefined;
  if (line !== undefined) return { title, edits: [{ ...line, text: '' }] };
  return {
    title,
    edits: [
      { from: before, to: before + 1, text: '' },
      { from, to, text: '' },
    ],
  };
}

/** The span with the blanks after it, or the whole line where nothing else stands there. */
function blankAfter(text: string, from: number, to: number): { readonly from: number; readonly to: number } {
  let lineStart = from;
  while (lineStart > 0 && /[^\S\n]/.test(text.charAt(lineStart - 1))) lineStart--;
  const rest = /[^\S\n]*\n/y;
  rest.lastIndex = to;
  if ((lineStart === 0 || text[lineStart - 1] === '\n') && rest.test(text)) {
    return { from: lineStart, to: rest.lastIndex };
  }
  const blanks = /[^\S\n]*/y;
  blanks.lastIndex = to;
  blanks.test(text);
  return { from, to: blanks.lastIndex };
}

/** Offset of the next thing that is neither blank nor a comment. */
function skipBlank(text: string, start: number): number {
  const blank = /(?:\s|\/\/[^\r\n]*|\/\*[^]*?\*\/)*/y;
  blank.lastIndex = start;
  blank.test(text);
  return blank.lastIndex;
}

/** The comma before an element, if blanks alone stand between. */
function commaBefore(text: string, start: number): number | undefined {
  let end = start;
  while (end > 0 && /\s/.test(text.charAt(end - 1))) end--;
  return text[end - 1] === ',' ? end - 1 : undefined;
}

import { CallgateError, type ErrorDetails, type Position } from '../error.js';
import { printable } from './printable.js';

/** A text with a name, and the way from an offset in it to a place that an editor shows. */
export interface Source {
  readonly text: string;
  /** As a terminal may have it. */
  readonly file: string;
  /** Position of an offset (UTF-16 units from the start of `text`; the text's length is its end). */
  readonly at: (offset: number) => Position;
}

/** Largest profile that is read, in bytes; Docker's API takes a profile as one string of a request, far smaller than this. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Takes a file's bytes for UTF-8 text. Invalid bytes become U+FFFD, as in Go's encoding/json (which makes one for
 * every bad byte, where this makes one for every bad sequence: it can only matter inside a name that is none).
 * @throws CallgateError `INPUT` over 16 MB (or `most` bytes), for UTF-16 and for NUL bytes.
 */
export function openSource(input: string | Uint8Array, name: string, most = MAX_BYTES): Source {
  const file = printable(name);
  const start: Position = { file, line: 1, column: 1 };
  if (input.length > most) {
    throw new CallgateError('INPUT', `the text is ${input.length} bytes long`, {
      at: start,
      expected: `at most ${most} bytes`,
    });
  }
  if (typeof input !== 'string' && isUtf16(input)) {
    throw new CallgateError('INPUT', 'the text is encoded in UTF-16', {
      at: start,
      expected: 'UTF-8',
      hint: 'convert it, e.g. with: iconv -f UTF-16 -t UTF-8',
    });
  }
  const text =
    typeof input === 'string' ? input : new TextDecoder('utf-8', { ignoreBOM: true }).decode(input);
  const source: Source = { text, file, at: positions(text, file) };
  const nul = text.indexOf('\0');
  if (nul !== -1) fail(source, nul, 'NUL byte', { expected: 'text in UTF-8' });
  return source;
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** Throws an `INPUT` error at an offset of the source. */
export function fail(source: Source, offset: number, message: string, details: ErrorDetails = {}): never {
  throw new CallgateError('INPUT', message, { at: source.at(offset), ...details });
}

const LF = 10;
const CR = 13;

/** Line starts are looked for when the first position is asked for; LF, CR and CR LF end a line. */
function positions(text: string, file: string): (offset: number) => Position {
  let starts: Uint32Array | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function lineStarts(text: string): Uint32Array {
  const endsLine = (i: number): boolean => {
    const code = text.charCodeAt(i);
    return code === LF || (code === CR && text.charCodeAt(i + 1) !== LF);
  };
  let count = 1;
  for (let i = 0; i < text.length; i++) if (endsLine(i)) count++;
  const starts = new Uint32Array(count);
  let line = 1;
  for (let i = 0; i < text.length; i++) if (endsLine(i)) starts[line++] = i + 1;
  return starts;
}

import { commentEnd, numberEnd, stringEnd, wordEnd } from './jsonLexer.js';
import { type Node, quote } from './node.js';
import { fail, type Source } from './source.js';
import { ARRAY, NUMBER, nodeAt, OBJECT, STRING, Tape, WORD } from './tape.js';

/** What was read although Go's encoding/json refuses it: how often, and where first. */
export interface Leniency {
  readonly comments: Sightings;
  readonly trailingCommas: Sightings;
}

interface Sightings {
  readonly count: number;
  readonly first: number;
}

/** maxNestingDepth of Go's encoding/json (since Go 1.15). */
const MAX_DEPTH = 10_000;

/**
 * Checks a whole text for Go's JSON syntax, as encoding/json does before it decodes anything; comments and trailing
 * commas pass and are counted. Values go to a flat tape of 9 bytes each, so that no text within the size limit
 * can take much memory or stack; nodes are made from it when asked for.
 * @throws CallgateError `INPUT` at the first thing that is not JSON.
 */
export function parseJson(source: Source): { readonly root: Node; readonly leniency: Leniency } {
  if (source.text.startsWith('\uFEFF')) {
    fail(source, 0, 'byte order mark at the start, which JSON readers refuse', {
      expected: 'JSON in UTF-8 without a byte order mark',
    });
  }
  const tape = new Tape();
  const leniency = fillTape(source, tape);
  return { root: nodeAt(source.text, tape, 0), leniency };
}

type Expectation =
  | 'value'
  | 'value or ]'
  | 'key'
  | 'key or }'
  | 'colon'
  | 'comma or ]'
  | 'comma or }'
  | 'nothing';

const EXPECTED: Record<Expectation, string> = {
  value: 'a value',
  'value or ]': 'a value or "]"',
  key: 'a key in double quotes',
  'key or }': 'a key in double quotes or "}"',
  colon: '":"',
  'comma or ]': '"," or "]"',
  'comma or }': '"," or "}"',
  nothing: 'the end of the text',
};

function fillTape(source: Source, tape: Tape): Leniency {
  const { text } = source;
  const open: number[] = [];
  let expect = 'value' as Expectation;
  let comma = -1;
  let comments = 0;
  let firstComment = -1;
  let trailingCommas = 0;
  let firstTrailingComma = -1;
  let offset = 0;

  const unexpected = (): never =>
    offset >= text.length
      ? fail(source, text.length, 'the text ends too early', { expected: EXPECTED[expect] })
      : fail(source, offset, `unexpected ${quote(String.fromCodePoint(text.codePointAt(offset) ?? 0))}`, {
          expected: EXPECTED[expect],
        });
  const valueRead = (): void => {
    const container = open.at(-1);
    if (container === undefined) expect = 'nothing';
    else expect = tape.kind[container] === OBJECT ? 'comma or }' : 'comma or ]';
  };
  const begin = (kind: number): void => {
    if (expect !== 'value' && expect !== 'value or ]') unexpected();
    if (open.length === MAX_DEPTH) {
      fail(source, offset, `nested deeper than ${MAX_DEPTH} levels`, {
        hint: 'Go’s JSON reader has the same limit',
      });
    }
    open.push(tape.push(kind, offset, 0));
    offset++;
    expect = kind === OBJECT ? 'key or }' : 'value or ]';
  };
  const finish = (kind: number): void => {
    const container = open.at(-1);
    // Within an array only a comma makes "value" expected, within an object only a comma makes "key" expected.
    const afterComma = expect === (kind === OBJECT ? 'key' : 'value');
    const fits = expect === (kind === OBJECT ? 'key or }' : 'value or ]');
    const complete = expect === (kind === OBJECT ? 'comma or }' : 'comma or ]');
    if (container === undefined || tape.kind[container] !== kind) return unexpected();
    if (!fits && !complete && !afterComma) return unexpected();
    if (afterComma) {
      if (trailingCommas++ === 0) firstTrailingComma = comma;
    }
    tape.end[container] = tape.length;
    open.pop();
    offset++;
    valueRead();
  };
  const scalar = (kind: number, endOf: (source: Source, start: number, expected: string) => number): void => {
    if (expect !== 'value' && expect !== 'value or ]') unexpected();
    const end = endOf(source, offset, EXPECTED[expect]);
    tape.push(kind, offset, end);
    offset = end;
    valueRead();
  };

  for (;;) {
    const code = text.charCodeAt(offset);
    switch (code) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
        offset++;
        break;
      case 0x7b: // {
        begin(OBJECT);
        break;
      case 0x5b: // [
        begin(ARRAY);
        break;
      case 0x7d: // }
        finish(OBJECT);
        break;
      case 0x5d: // ]
        finish(ARRAY);
        break;
      case 0x3a: // :
        if (expect !== 'colon') unexpected();
        offset++;
        expect = 'value';
        break;
      case 0x2c: // ,
        if (expect !== 'comma or }' && expect !== 'comma or ]') unexpected();
        comma = offset++;
        expect = expect === 'comma or }' ? 'key' : 'value';
        break;
      case 0x22: // "
        if (expect === 'key' || expect === 'key or }') {
          const end = stringEnd(source, offset);
          tape.push(STRING, offset, end);
          offset = end;
          expect = 'colon';
        } else scalar(STRING, stringEnd);
        break;
      case 0x2f: {
        const end = commentEnd(source, offset);
        if (end === undefined) return unexpected();
        if (comments++ === 0) firstComment = offset;
        offset = end;
        break;
      }
      default:
        if (Number.isNaN(code)) {
          if (expect !== 'nothing') unexpected();
          return {
            comments: { count: comments, first: firstComment },
            trailingCommas: { count: trailingCommas, first: firstTrailingComma },
          };
        }
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) scalar(NUMBER, numberEnd);
        else if (code >= 0x61 && code <= 0x7a) scalar(WORD, wordEnd);
        else unexpected();
    }
  }
}

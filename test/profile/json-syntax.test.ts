import { describe, expect, it } from 'vitest';
import { readProfile } from '../../src/profile/read.js';
import { refusal } from './refusal.js';

/** What Go's encoding/json refuses as syntax, at our position; LF stands for a line feed. */
const REFUSED: readonly (readonly [text: string, error: string])[] = [
  ['', '1:1 the text ends too early | a value'],
  [' \n ', '2:2 the text ends too early | a value'],
  ['{', '1:2 the text ends too early | a key in double quotes or "}"'],
  ['{"a"', '1:5 the text ends too early | ":"'],
  ['{"a":', '1:6 the text ends too early | a value'],
  ['{"a":1', '1:7 the text ends too early | "," or "}"'],
  ['{"a":1,', '1:8 the text ends too early | a key in double quotes'],
  ['{"a":[1', '1:8 the text ends too early | "," or "]"'],
  ['{"a" 1}', '1:6 unexpected "1" | ":"'],
  ['{a:1}', '1:2 unexpected "a" | a key in double quotes or "}"'],
  ["{'a':1}", '1:2 unexpected "\'" | a key in double quotes or "}"'],
  ['{,}', '1:2 unexpected "," | a key in double quotes or "}"'],
  ['[,]', '1:2 unexpected "," | a value or "]"'],
  ['{"a":[1,,2]}', '1:9 unexpected "," | a value'],
  ['{"a":[1 2]}', '1:9 unexpected "2" | "," or "]"'],
  ['{"a":}', '1:6 unexpected "}" | a value'],
  ['{"a":[}', '1:7 unexpected "}" | a value or "]"'],
  ['{"a":{]', '1:7 unexpected "]" | a key in double quotes or "}"'],
  ['{} {}', '1:4 unexpected "{" | the end of the text'],
  ['{}x', '1:3 unexpected "x" | the end of the text'],
  ['{"a":tru}', '1:6 unexpected "tru" | a value'],
  ['{"a":nullx}', '1:6 unexpected "nullx" | a value'],
  ['{"a":True}', '1:6 unexpected "T" | a value'],
  ['{"a":NaN}', '1:6 unexpected "N" | a value'],
  ['{"a":01}', '1:7 unexpected "1" | "," or "}"'],
  ['{"a":-}', '1:6 incomplete number'],
  ['{"a":-x}', '1:6 incomplete number'],
  ['{"a":1.e5}', '1:6 incomplete number'],
  ['{"a":1e+}', '1:6 incomplete number'],
  ['{"a":+1}', '1:6 unexpected "+" | a value'],
  ['{"a":1.}', '1:6 incomplete number'],
  ['{"a":1e}', '1:6 incomplete number'],
  ['{"a":.5}', '1:6 unexpected "." | a value'],
  ['{"a":0x10}', '1:7 unexpected "x" | "," or "}"'],
  ['{"a":"', '1:6 string without an end on its line'],
  ['{"a":"x\ny"}', '1:6 string without an end on its line'],
  ['{"a":"x\u0001"}', '1:8 control character in a string | \\u0001'],
  ['{"a":"\t"}', '1:7 control character in a string | \\u0009'],
  [
    '{"a":"y\\x"}',
    '1:8 invalid escape in a string | \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hex digits',
  ],
  [
    '{"a":"\\',
    '1:7 invalid escape in a string | \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hex digits',
  ],
  ['{"a":"\\u12"}', '1:7 incomplete \\u escape in a string'],
  ['{"a":"\\u12g4"}', '1:7 incomplete \\u escape in a string'],
  [
    '\uFEFF{}',
    '1:1 byte order mark at the start, which JSON readers refuse | JSON in UTF-8 without a byte order mark',
  ],
  ['{\u00a0}', '1:2 unexpected "\u00a0" | a key in double quotes or "}"'],
  ['{\r\n\r\n"a":1 1}', '3:7 unexpected "1" | "," or "}"'],
  ['{\r\r1}', '3:1 unexpected "1" | a key in double quotes or "}"'],
  ['{"a":"x\0"}', '1:8 NUL byte | text in UTF-8'],
  ['{} /', '1:4 unexpected "/" | the end of the text'],
  ['{} /* x', '1:4 comment without an end'],
  ['# x', '1:1 unexpected "#" | a value'],
];

describe('JSON syntax', () => {
  it.each(REFUSED)('refuses %j', (text, error) => {
    expect(refusal(() => readProfile(text, 'p.json'))).toBe(error);
  });

  it('tells syntax errors before wrong types, as Go does', () => {
    expect(refusal(() => readProfile('{"defaultAction": 1,\n "x": y}', 'p.json'))).toMatch(
      /^2:7 unexpected "y"/,
    );
  });

  it.each([
    ['UTF-16, little-endian', [0xff, 0xfe, 0x7b, 0, 0x7d, 0]],
    ['UTF-16, big-endian', [0xfe, 0xff, 0, 0x7b, 0, 0x7d]],
  ])('refuses %s', (_, bytes) => {
    expect(refusal(() => readProfile(Uint8Array.from(bytes), 'p.json'))).toBe(
      '1:1 the text is encoded in UTF-16 | UTF-8',
    );
  });

  it('takes invalid UTF-8 and lone surrogates in strings for U+FFFD, and refuses them elsewhere', () => {
    const bytes = [...new TextEncoder().encode('{"defaultAction":"a')];
    const ok = readProfile(Uint8Array.from([...bytes, 0xff, 0x22, 0x7d]), 'p.json');
    expect(ok.defaultAction).toBe('a\uFFFD');
    expect(readProfile('{"defaultAction":"\\ud800x\\ud83e\\udd80"}', 'p.json').defaultAction).toBe(
      '\uFFFDx\u{1f980}',
    );
    expect(refusal(() => readProfile(Uint8Array.from([0x7b, 0xff]), 'p.json'))).toMatch(
      /^1:2 unexpected "\uFFFD"/,
    );
  });

  it('reads comments and trailing commas, with one note each that says who refuses them', () => {
    const { rules, notes } = readProfile(
      '// a\n{"syscalls": [{"names": ["a", "b",], },\n/* c */], /**/ }',
      'p.json',
    );
    expect(rules[0]?.names).toEqual(['a', 'b']);
    expect(notes.map(({ kind, at }) => `${kind} ${at?.line}:${at?.column}`)).toEqual([
      'comment 1:1',
      'trailing-comma 2:34',
    ]);
    expect(notes[0]?.text).toMatch(/^3 comment.*refuse/);
    expect(notes[1]?.text).toMatch(/^4 trailing.*refuse/);
  });
});

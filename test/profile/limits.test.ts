import { expect, it } from 'vitest';
import { readProfile } from '../../src/profile/read.js';
import { PATIENCE } from '../patience.js';
import { cpuTime } from './cpuTime.js';
import { refusal } from './refusal.js';

const MB = 1024 * 1024;
const names = (count: number) => Array.from({ length: count }, (_, i) => `"n${i}"`).join(',');

/** Hostile texts: each is read or refused within 2 s; where the result is an error, it is this one. */
const TEXTS: readonly (readonly [title: string, file: string, text: () => string, result: RegExp])[] = [
  [
    '17 MB',
    'p.json',
    () => ' '.repeat(17 * MB),
    /^1:1 the text is 17825792 bytes long \| at most 16777216 bytes/,
  ],
  ['16 MB of spaces', 'p.json', () => `${' '.repeat(16 * MB - 2)}{}`, /^was read/],
  ['16 MB of comments', 'p.json', () => `${'/**/'.repeat(4 * MB - 1)}{}`, /^was read/],
  ['16 MB of numbers nobody reads', 'p.json', () => `{"x":[${'1,'.repeat(8 * MB - 8)}1]}`, /^was read/],
  [
    '16 MB in one string',
    'p.json',
    () => `{"defaultAction":"${'\\n'.repeat(8 * MB - 16)}"}`,
    /^1:18 defaultAction: a text of 8388592 characters \| at most 65536 characters/,
  ],
  [
    '16 MB in a string that nobody reads',
    'p.json',
    () => `{"x":"${'\\n'.repeat(8 * MB - 16)}"}`,
    /^was read/,
  ],
  ['16 MB of rules', 'p.json', () => `{"syscalls":[${'{},'.repeat(5 * MB)}{}]}`, /more than 200000 elements/],
  ['100,000 names', 'p.json', () => `{"syscalls":[{"names":[${names(100_000)}]}]}`, /^was read/],
  ['500,000 unknown fields', 'p.json', () => `{${names(500_000).replaceAll(',', ':1,')}:1}`, /^was read/],
  ['depth 10,000', 'p.json', () => `{"x":${'['.repeat(9_999)}${']'.repeat(9_999)}}`, /^was read/],
  [
    'depth 10,001',
    'p.json',
    () => `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    /^1:10005 nested deeper than 10000/,
  ],
  ['depth 16 million', 'p.json', () => '['.repeat(16 * MB), /^1:10001 nested deeper/],
  ['3 MB of YAML', 'p.yaml', () => `a: ${'x'.repeat(3 * MB)}`, /^1:1 the YAML text is \d+ characters long/],
  ['40,000 YAML names', 'p.yaml', () => `syscalls:\n- names:\n${'  - x\n'.repeat(40_000)}`, /^was read/],
  [
    '100,000 YAML names',
    'p.yaml',
    () => `syscalls:\n- names:\n${'  - x\n'.repeat(100_000)}`,
    /more than 250000 tokens/,
  ],
  ['100,000 YAML keys', 'p.yaml', () => names(30_000).replaceAll(',', ': 1\n'), /^(was read|30000:)/],
  ['1,000 YAML documents', 'p.yaml', () => '--- a\n'.repeat(1_000), /^101:1 more than 100 YAML documents/],
  ['deep YAML brackets', 'p.yaml', () => `a: ${'['.repeat(100_000)}`, /^1:204 nested deeper than 200 levels/],
  ['deep YAML dashes', 'p.yaml', () => '- '.repeat(100_000), /^1:1 indented by more than 200 columns/],
  [
    '1,000 YAML keys in one line',
    'p.yaml',
    () => `a:\n  - ${'b: c - '.repeat(1_000)}\n`,
    /^2:1\d* more than 200 keys in one line/,
  ],
  ['YAML errors everywhere', 'p.yaml', () => `a: 1\n${'} ]\n'.repeat(30_000)}`, /^2:1 YAML: /],
];

it.each(TEXTS)('%s', (_, file, text, result) => {
  const input = text();
  const { milliseconds, value } = cpuTime(() => refusal(() => readProfile(input, file)));
  expect(value).toMatch(result);
  expect(milliseconds).toBeLessThan(2000 * PATIENCE);
});

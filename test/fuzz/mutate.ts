import type { Random } from '../profile/random.js';

/** Longest input that a mutation makes. */
const MOST_BYTES = 1 << 16;

/** What formats are made of, and what breaks readers. */
const TOKENS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ',',
    ':',
    ';',
    '"',
    "'",
    '\\',
    '/',
    '//',
    '/*',
    '*/',
    '#',
    '=',
    '|',
    '&',
    '*',
    '<',
    '>',
  ],
  ...['\n', '\r\n', '\r', '\t', ' ', '\0', '\u00a0', '\u2028', '\ufeff', '\u202e', '\u{1f980}', '\u001b[31m'],
  ...[
    'null',
    'true',
    'false',
    '~',
    '---\n',
    '...\n',
    '<<: *a\n',
    '&a ',
    '*a',
    '!!binary ',
    '? ',
    '- ',
    '|\n',
    '>-\n',
    '%',
  ],
  ...[
    '0',
    '-1',
    '1',
    '-0',
    '0x',
    '1e9',
    '1e400',
    'NaN',
    '4294967295',
    '4294967296',
    '18446744073709551615',
    '18446744073709551616',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '$', '${', '${A:-', '$$', '%s', '..', '../'],
  ...['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'syscalls', 'names', 'clone3', 'x86:', 'x32:', '@', '+', '"" '],
].map((text) => new TextEncoder().encode(text));

type Mutation = (input: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** Puts bytes in place of some others. */
function replace(input: Uint8Array, at: number, gone: number, put: Uint8Array): Uint8Array {
  const result = new Uint8Array(Math.max(0, input.length - gone) + put.length);
  result.set(input.subarray(0, at));
  result.set(put, at);
  result.set(input.subarray(at + gone), at + put.length);
  return result;
}

const slice = (input: Uint8Array, { below }: Random, most: number): readonly [at: number, length: number] => {
  const at = below(input.length + 1);
  return [at, Math.min(input.length - at, 1 + below(most))];
};

const MUTATIONS: readonly Mutation[] = [
  // A bit.
  (input, { below }) => {
    const changed = Uint8Array.from(input);
    const at = below(Math.max(1, input.length));
    if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << below(8));
    return changed;
  },
  // A byte.
  (input, { below }) => {
    const changed = Uint8Array.from(input);
    if (changed.length > 0) changed[below(changed.length)] = below(256);
    return changed;
  },
  // Something left out.
  (input, random) => replace(input, ...slice(input, random, 24), new Uint8Array()),
  // The end left out.
  (input, { below }) => input.slice(0, below(input.length + 1)),
  // A token put in, or in place of something.
  (input, random) => replace(input, random.below(input.length + 1), 0, random.pick(TOKENS)),
  (input, random) => replace(input, ...slice(input, random, 8), random.pick(TOKENS)),
  // Something twice, or very often.
  (input, random) => {
    const [at, length] = slice(input, random, 64);
    return replace(input, at, 0, input.slice(at, at + length));
  },
  (input, random) => {
    const [at, length] = slice(input, random, 12);
    const times = random.pick([10, 100, 1000]);
    const part = input.subarray(at, at + length);
    return replace(
      input,
      at,
      0,
      Uint8Array.from({ length: part.length * times }, (_, index) => part[index % part.length] ?? 0),
    );
  },
  // A piece of another input.
  (input, random, other) => {
    const [from, length] = slice(other, random, 200);
    return replace(input, random.below(input.length + 1), 0, other.slice(from, from + length));
  },
  (input, random, other) => {
    const at = random.below(input.length + 1);
    return replace(input, at, input.length - at, other.slice(random.below(other.length + 1)));
  },
  // Two lines in each other's place.
  (input, { below }) => {
    const lines = Buffer.from(input).toString('latin1').split('\n');
    const [one, two] = [below(lines.length), below(lines.length)];
    [lines[one], lines[two]] = [lines[two] ?? '', lines[one] ?? ''];
    return Uint8Array.from(Buffer.from(lines.join('\n'), 'latin1'));
  },
  // A digit.
  (input, { below }) => {
    const places = [...input.keys()].filter((at) => (input[at] ?? 0) >= 0x30 && (input[at] ?? 0) <= 0x39);
    const changed = Uint8Array.from(input);
    const at = places[below(Math.max(1, places.length))];
    if (at !== undefined) changed[at] = 0x30 + below(10);
    return changed;
  },
];

/** An input after one to four things have happened to it. */
export function mutate(input: Uint8Array, random: Random, pick: () => Uint8Array): Uint8Array {
  let changed = input;
  for (let left = 1 + random.below(4); left > 0; left--)
    changed = random.pick(MUTATIONS)(changed, random, pick()).slice(0, MOST_BYTES);
  return changed;
}

/** How long it is tried to make an input smaller. */
const MOST_MILLISECONDS = 10_000;

/** The smallest input found, by leaving out ever smaller pieces, that still fails. */
export function minimise(input: Uint8Array, fails: (input: Uint8Array) => boolean): Uint8Array {
  let least = input;
  const end = Date.now() + MOST_MILLISECONDS;
  for (
    let length = Math.ceil(least.length / 2);
    length >= 1;
    length = length === 1 ? 0 : Math.ceil(length / 2)
  ) {
    for (let at = 0; at < least.length && Date.now() < end; ) {
      const shorter = replace(least, at, Math.min(length, least.length - at), new Uint8Array());
      if (fails(shorter)) least = shorter;
      else at += length;
    }
  }
  return least;
}

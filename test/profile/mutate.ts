import { fixture } from './fixture.js';
import { type Random, random } from './random.js';

/** A profile's text after something happened to it; most are not readable any more, some still are. */
export interface Mutant {
  /** Number and kind of the mutation. */
  readonly name: string;
  /** File name whose ending suits the text. */
  readonly file: string;
  readonly text: Uint8Array;
}

const JSON_BASES = ['chmod-old-form.json', 'deny-list.json', 'commented.json', 'numa.json', 'config.json'];

/** The same mutants for the same seed. */
export function* mutants(seed: number, count: number): Generator<Mutant> {
  const source = random(seed);
  const bases = JSON_BASES.map((name) => text(fixture(name)));
  const yaml = text(fixture('operator.yaml'));
  const kinds = Object.entries(MUTATIONS);
  const light = kinds.filter(([kind]) => !HEAVY.includes(kind));
  for (let i = 0; i < count; i++) {
    // Every kind in turn, so that each is there however few are asked for; those that take time only in every fifth round.
    const round = Math.floor(i / kinds.length) % 5 === 0 ? kinds : light;
    const [kind, mutate] = round[i % round.length] ?? (kinds[0] as (typeof kinds)[number]);
    const isYaml = kind.startsWith('yaml');
    const mutated = mutate(isYaml ? yaml : source.pick(bases), source);
    yield {
      name: `${i}-${kind}`,
      file: `${i}-${kind}.${isYaml ? 'yaml' : 'json'}`,
      text: typeof mutated === 'string' ? new TextEncoder().encode(mutated) : mutated,
    };
  }
}

/** Texts of some 100 kB to 2 MB. */
const HEAVY: readonly string[] = ['many-names', 'deep', 'yaml-deep', 'yaml-many'];

type Mutation = (base: string, source: Random) => string | Uint8Array;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  truncated: (base, { below }) => base.slice(0, below(base.length)),
  'flipped-bit': (base, { below }) => {
    const bytes = new TextEncoder().encode(base);
    const at = below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    return bytes;
  },
  'deleted-slice': (base, { below }) => {
    const at = below(base.length);
    return base.slice(0, at) + base.slice(at + 1 + below(20));
  },
  'inserted-token': (base, source) => {
    const at = source.below(base.length);
    return base.slice(0, at) + source.pick(TOKENS) + base.slice(at);
  },
  'wrong-type': (base, source) => replaceValue(base, source, source.pick(VALUES)),
  'huge-number': (base, source) => replaceValue(base, source, source.pick(NUMBERS)),
  'odd-unicode': (base, source) => {
    const at = source.below(base.length);
    return base.slice(0, at) + source.pick(UNICODE) + base.slice(at);
  },
  'invalid-utf8': (base, source) => {
    const bytes = new TextEncoder().encode(base);
    const at = source.below(bytes.length);
    return Uint8Array.from([...bytes.slice(0, at), ...source.pick(BAD_BYTES), ...bytes.slice(at)]);
  },
  'nul-byte': (base, { below }) => {
    const at = below(base.length);
    return `${base.slice(0, at)}\0${base.slice(at)}`;
  },
  'other-encoding': (base, source) => {
    if (source.below(3) === 0) return `\uFEFF${base}`;
    const big = source.below(2) === 0;
    return Uint8Array.from(
      [...`\uFEFF${base}`].flatMap((character) => {
        const unit = character.charCodeAt(0);
        return big ? [unit >> 8, unit & 255] : [unit & 255, unit >> 8];
      }),
    );
  },
  'duplicated-line': (base, { below }) => {
    const lines = base.split('\n');
    const at = below(lines.length);
    return [...lines.slice(0, at + 1), ...lines.slice(at)].join('\n');
  },
  'swapped-case': (base, source) =>
    base.replace(/"\w+":/g, (key) => (source.below(3) === 0 ? key.toUpperCase() : key)),
  'many-names': (_, { below, pick }) => {
    const names = Array.from({ length: 100_000 }, (_unused, i) => `"call_${i}"`).join(
      pick([',', ', ', ',\n']),
    );
    // Sound, cut off, or with a wrong name among them.
    const end = pick([']}]}', '', ',7]}]}']);
    return `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_ERRNO", "names": [${names}${end}${' '.repeat(below(9))}`;
  },
  deep: (_, { below, pick }) => {
    const depth = pick([100, 9_999, 10_000, 10_001, 20_000, 100_000]);
    const [open, close] = pick([
      ['[', ']'],
      ['{"syscalls":', '}'],
      ['{"x":', '}'],
    ] as const);
    const closed = below(4) === 0 ? 0 : depth;
    return `{"syscalls": ${open.repeat(depth)}1${close.repeat(closed)}}`;
  },
  'yaml-truncated': (base, { below }) => base.slice(0, below(base.length)),
  'yaml-inserted': (base, source) => {
    const at = source.below(base.length);
    return base.slice(0, at) + source.pick(YAML_TOKENS) + base.slice(at);
  },
  'yaml-indented': (base, source) => {
    const lines = base.split('\n');
    const at = source.below(lines.length);
    lines[at] = ' '.repeat(source.below(8)) + (lines[at] ?? '').trimStart();
    return lines.join('\n');
  },
  'yaml-anchors': (_, source) =>
    `apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nspec: ${source.pick(ANCHORS)}\n`,
  'yaml-bomb': (_, { below }) => {
    const levels = Array.from({ length: 9 }, (_unused, i) => {
      const item = i === 0 ? 'x' : `*l${i - 1}`;
      return `l${i}: &l${i} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
    });
    return `${levels.join('\n')}\nsyscalls: *l${below(9)}\n`;
  },
  'yaml-deep': (_, { pick }) =>
    pick(['[', '{a: ', '- ', '? ', '[[]'] as const).repeat(pick([50, 1_000, 100_000])),
  'yaml-many': (_, { pick }) =>
    `defaultAction: SCMP_ACT_ALLOW\nsyscalls:\n- names:\n${pick(['  - call\n', '  -\n', '# c\n', '\n']).repeat(100_000)}`,
};

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '//',
  '/*',
  '*/',
  '\\',
  "'",
  '\n',
  'null',
  'true',
  '0',
  '-',
  '1e9',
  'NaN',
  '\t',
];
const VALUES = ['null', 'true', '0', '-1', '1.5', '"x"', '[]', '{}', '[null]', '[[]]', '{"a":1}', '"1"'];
const NUMBERS = [
  '18446744073709551615',
  '18446744073709551616',
  '9007199254740993',
  '99999999999999999999999999999999',
  '1e400',
  '-9223372036854775809',
  '00',
  '0x10',
  '1.',
  '.5',
  '1'.repeat(100_000),
];
const UNICODE = [
  '\u00a0',
  '\u2028',
  '\u200b',
  '\ufeff',
  '\u{1f980}',
  '\\ud800',
  '\\udc00\\ud800',
  '\ud83e',
  '\u0001',
  '\u007f',
  '\u0085',
  '\u202e',
];
const BAD_BYTES = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xe2, 0x82],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0x80],
];
const YAML_TOKENS = [
  '*a',
  '&a ',
  '!x ',
  '{',
  '[',
  ']',
  ': ',
  '- ',
  '? ',
  '|\n',
  '>-\n',
  '"',
  "'",
  '%',
  '@',
  '`',
  '\t',
  '#',
  '---\n',
  '...\n',
  '<<: *a\n',
  '\u0000',
  '\u0007',
];
const ANCHORS = [
  '&a [*a]',
  '&a {syscalls: *a}',
  '{defaultAction: x, syscalls: &s [{names: *s}]}',
  '{defaultAction: x, syscalls: &s [*s]}',
  '{defaultAction: &d SCMP_ACT_ALLOW, syscalls: [{names: [*d], action: *d}]}',
  '{defaultAction: *nowhere}',
  '{syscalls: [&r {names: &n [read], action: SCMP_ACT_ALLOW, args: *n}, *r]}',
  '{*a : 1, b: &a x}',
  '&a &b {}',
  '{? &k [*k] : x}',
];

/** Replaces one value of the text, whatever it is, by another. */
function replaceValue(base: string, source: Random, value: string): string {
  const places = [...base.matchAll(/: *("[^"]*"|\d+|\[|\{|null)/g)];
  const place = source.pick(places);
  const [whole, old = ''] = place;
  const start = place.index + whole.length - old.length;
  const isContainer = old === '[' || old === '{';
  const end = isContainer ? closing(base, start) : start + old.length;
  return base.slice(0, start) + value + base.slice(end);
}

function closing(base: string, start: number): number {
  let depth = 0;
  for (let i = start; i < base.length; i++) {
    if ('[{'.includes(base.charAt(i))) depth++;
    if (']}'.includes(base.charAt(i)) && --depth === 0) return i + 1;
  }
  return base.length;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CallgateError } from '../../src/error.js';
import { readOciConfig } from '../../src/profile/read.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { type Random, random } from './random.js';

/*
 * runc decodes config.json by Go's encoding/json into the runtime spec's structs before it does anything else. Without a
 * "process" it never gets further, so it can be asked what Go takes: no root needed, nothing is started.
 */
describeWithOracle(hasCommand('runc') ? undefined : 'runc', 'Go’s encoding/json, as runc has it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'callgate-go-json-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const goTakes = (text: string | Uint8Array): boolean => {
    writeFileSync(join(folder, 'config.json'), text);
    const run = spawnSync('runc', ['--root', join(folder, 'state'), 'run', '-b', folder, 'none'], {
      encoding: 'utf8',
    });
    if (run.stderr.includes('process property must not be empty')) return true;
    expect(run.stderr).toMatch(/json:|invalid character|unexpected EOF|EOF|exceeded max depth/);
    return false;
  };

  /** Undefined where we read more on purpose. */
  const weTake = (text: string | Uint8Array): boolean | undefined => {
    try {
      const result = readOciConfig(text, 'config.json');
      const notes = result.kind === 'profile' ? result.profile.notes : [];
      return notes.some(({ kind }) => kind === 'comment' || kind === 'trailing-comma') ? undefined : true;
    } catch (error) {
      if (!(error instanceof CallgateError)) throw error;
      return false;
    }
  };

  it('takes and refuses the same 400 texts', () => {
    const source = random(20);
    let taken = 0;
    for (let i = 0; i < 400; i++) {
      const seccomp =
        source.below(3) === 0 ? damaged(object(SECCOMP, source), source) : object(SECCOMP, source);
      const text = `{"ociVersion": "1.0.2", "linux": {"seccomp": ${seccomp}}}`;
      const ours = weTake(text);
      if (ours === undefined) continue;
      expect(ours, text).toBe(goTakes(text));
      if (ours) taken++;
    }
    expect(taken).toBeGreaterThan(80);
    expect(taken).toBeLessThan(320);
  });

  it.each([
    ['{"defaultAction": "a\u007f\u2028\u{1f980}\\ud800\\u0000"}', true],
    ['{"defaultAction": "\u001f"}', false],
    ['{"defaultAction":\u00a0"a"}', false],
    ['{"defaultAction":\v"a"}', false],
    ['{"ſyſcallſ": 5}', false],
    ['{"sysca\u006cl\u017f": 5}', false],
    ['{"archıtectures": 5}', true],
    ['{"Kdefault": 5}', true],
    ['{"defaultErrnoRet": 18446744073709551616}', false],
    ['{"defaultErrnoRet": -0}', false],
    ['{"defaultErrnoRet": 0e0}', false],
    ['{"syscalls": [null, {"args": [null], "names": [null]}]}', true],
    ['{"flags": null, "flags": [null], "flags": {}}', false],
    [`{"x": ${'['.repeat(9_997)}${']'.repeat(9_997)}}`, true],
    [`{"x": ${'['.repeat(9_998)}${']'.repeat(9_998)}}`, false],
  ])('agrees on %j', (seccomp, taken) => {
    const text = `{"ociVersion": "1.0.2", "linux": {"seccomp": ${seccomp}}}`;
    expect([goTakes(text), weTake(text)]).toEqual([taken, taken]);
  });

  it.each([
    ['a byte order mark', [0xef, 0xbb, 0xbf]],
    ['UTF-16', [0xff, 0xfe]],
    ['NUL', [0]],
  ])('agrees on %s', (_, bytes) => {
    const text = Uint8Array.from([...bytes, ...new TextEncoder().encode('{"ociVersion": "1.0.2"}')]);
    expect([goTakes(text), weTake(text)]).toEqual([false, false]);
  });

  it('agrees on invalid UTF-8 in a string', () => {
    const [before, after] = ['{"ociVersion": "1.0.2', '"}'].map((part) => [
      ...new TextEncoder().encode(part),
    ]);
    const text = Uint8Array.from([...(before ?? []), 0xff, 0xc0, ...(after ?? [])]);
    expect([goTakes(text), weTake(text)]).toEqual([true, true]);
  });
});

type Maker = (source: Random) => string;

const WRONG = ['5', '"x"', 'true', '[]', '{}', 'null', '1.5', '[[]]', '[1]', '{"a": {}}'];
const NUMBERS = [
  '0',
  '1',
  '38',
  '4096',
  '9007199254740991',
  '1.0',
  '1e2',
  '-1',
  '"1"',
  '99999999999999999999',
];
const VALUES = ['0', '18446744073709551615', '9007199254740993', '18446744073709551616', '2.5', '-0'];

/** Mostly what it should be. */
const mostly =
  (maker: Maker): Maker =>
  (source) =>
    source.below(25) === 0 ? source.pick(WRONG) : maker(source);
const text = mostly(({ pick }) => pick(['"SCMP_ACT_ALLOW"', '""', '"\\u0041"', 'null', '"é"']));
const listOf = (maker: Maker): Maker =>
  mostly(
    (source) =>
      `[${Array.from({ length: source.below(3) }, () => maker(source)).join(source.pick([',', ' ,\n']))}]`,
  );
const structOf = (fields: Readonly<Record<string, Maker>>): Maker =>
  mostly((source) => object(fields, source));
const numberOf = (numbers: readonly string[]): Maker =>
  mostly(({ pick, below }) => (below(6) > 0 ? (numbers[0] ?? '0') : pick(numbers)));

const ARGUMENT = { index: numberOf(NUMBERS), value: numberOf(VALUES), valueTwo: numberOf(VALUES), op: text };
const RULE = {
  names: listOf(text),
  action: text,
  errnoRet: numberOf(NUMBERS),
  args: listOf(structOf(ARGUMENT)),
};
const SECCOMP = {
  defaultAction: text,
  defaultErrnoRet: numberOf(NUMBERS),
  architectures: listOf(text),
  flags: listOf(text),
  listenerPath: text,
  listenerMetadata: text,
  syscalls: listOf(structOf(RULE)),
};

function object(fields: Readonly<Record<string, Maker>>, source: Random): string {
  const names = Object.keys(fields);
  const members = Array.from({ length: source.below(names.length + 2) }, () => {
    const name = source.pick(names);
    const maker = fields[name] ?? text;
    if (source.below(8) === 0) return `"${name}_": ${source.pick(WRONG)}`;
    return `"${source.below(6) === 0 ? name.toUpperCase() : name}": ${maker(source)}`;
  });
  return `{${members.join(', ')}}`;
}

function damaged(json: string, source: Random): string {
  const at = source.below(json.length);
  const inserted = source.pick(['', ',', '"', '\\', '0', '}', ']', '\n', 'e', '.', '\u0001', '/']);
  return json.slice(0, at) + inserted + json.slice(at + source.below(2));
}

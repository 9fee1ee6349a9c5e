import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inProcess } from '../cli/inProcess.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-suite-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function run(words: readonly string[], suite = '') {
  const file = join(directory, 'profile.test.yaml');
  writeFileSync(file, suite);
  writeFileSync(
    join(directory, 'profile.json'),
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chmod", "ptrace"], "action": "SCMP_ACT_ERRNO"}, {"names": ["personality"], "action": "SCMP_ACT_KILL_PROCESS", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}]}',
  );
  const { status, out, err } = await inProcess(
    ['test', ...words.map((word) => word.replace('SUITE', file))],
    { columns: 200 },
  );
  return { status, out: out.replaceAll(directory, 'DIR'), err: err.replaceAll(directory, 'DIR') };
}

const CONTEXTS = `
profile: ./profile.json
contexts:
  new: docker@28.5.2
  old: {like: docker@20.10.9, profile: docker@20.10.9, cap-add: [SYS_NICE]}
tests:
`;

/** A claim, and whether it holds. */
const claims: readonly [claim: string, holds: boolean][] = [
  ['calls: {chmod: {new: EPERM}}', true],
  ['calls: {chmod: {new: errno 1}}', true],
  ['calls: {chmod: {new: denied}}', true],
  ['calls: {chmod: {new: SCMP_ACT_ERRNO}}', true],
  ['calls: {chmod: {new: ENOSYS}}', false],
  ['calls: {chmod: {new: allowed}}', false],
  ['calls: {chmod: {old: allowed}}', true],
  ['calls: {clone3: {old: EPERM, new: allowed}}', true],
  ['calls: {clone3: EPERM}', false],
  ['calls: {get_mempolicy: {old: allowed}}', true],
  ['calls: {personality: {new: by arguments}}', true],
  ['calls: {personality: {new: denied}}', false],
  ["calls: {'personality(8)': {new: killed}}", true],
  ["calls: {'personality(8)': {new: denied}}", true],
  ["calls: {'x86:chmod': {new: thread killed}}", true],
  ['{never: chmod, contexts: new}', true],
  ['{never: [ptrace, chmod], contexts: [new]}', true],
  ['never: chmod', false],
  ['always: read', true],
  ['{always: personality, contexts: new}', false],
  ['{within: docker@20.10.9+SYS_NICE, contexts: old}', true],
  ['{equals: docker@20.10.9, contexts: old}', true],
  ['{within: docker@20.10.9, contexts: new}', false],
  ['{equals: ./profile.json, contexts: new}', true],
];

describe('claims', () => {
  test.each(claims)('%s holds: %s', async (claim, holds) => {
    const { status, out, err } = await run(['SUITE', '--arch', 'amd64'], `${CONTEXTS}  - ${claim}\n`);
    expect(err).toBe('');
    expect([status, out]).toEqual([holds ? 0 : 1, expect.stringContaining(holds ? ' 0 failed' : '✗')]);
  });

  test('the command’s own flags are the context of a suite without any', async () => {
    const suite = 'tests: [{calls: {get_mempolicy: EPERM}}]';
    expect((await run(['SUITE', '--engine', 'docker@28.5.2'], suite)).status).toBe(0);
    expect((await run(['SUITE', '--engine', 'docker@28.5.2', '--cap-add', 'SYS_NICE'], suite)).status).toBe(
      1,
    );
  });

  test('a context in which no container starts fails its claims in the runtime’s words', async () => {
    const suite = `contexts: {gone: {like: docker@20.10.9+runc@1.0.2, profile: ./bad.json}}\ntests: [{calls: {read: allowed}}]`;
    writeFileSync(join(directory, 'bad.json'), '{"defaultAction": "SCMP_ACT_NOTIFY", "syscalls": []}');
    const { status, out } = await run(['SUITE'], suite);
    expect(status).toBe(1);
    expect(out).toContain('no container starts with this profile');
  });
});

describe('a failing row', () => {
  const suite = `${CONTEXTS}  - name: modes\n    calls:\n      chmod: ENOSYS\n`;

  test('names file, line, expected, got and the chain of reasons', async () => {
    const { out } = await run(['SUITE'], suite);
    expect(out).toMatch(
      /✗ \S*profile\.test\.yaml:9:14 modes: chmod: ENOSYS \[new\]\n {4}expected ENOSYS, got EPERM\n {4}profile: syscalls\[0\] of .*profile\.json names chmod: EPERM/,
    );
    expect(out).toContain('✗ 0 passed, 2 failed');
  });

  test('as JSON', async () => {
    const { out } = await run(['SUITE', '--format', 'json'], suite);
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      passed: 0,
      failed: 2,
      suites: [
        {
          results: [
            {
              ok: false,
              claim: 'chmod: ENOSYS',
              contextName: 'new',
              expected: 'ENOSYS',
              got: 'EPERM',
              at: { line: 9 },
            },
            { ok: false, contextName: 'old', got: 'allowed', context: { engine: { version: '20.10.9' } } },
          ],
        },
      ],
    });
  });

  test('as JUnit, TAP and workflow commands', async () => {
    const junit = (await run(['SUITE', '--format', 'junit'], suite.replace('modes', "'<&\">'"))).out;
    expect(junit).toContain('<testsuites tests="2" failures="2">');
    expect(junit).toContain('classname="&lt;&amp;&quot;&gt;" name="chmod: ENOSYS [new]"');
    expect(junit).toContain('<failure message="expected ENOSYS, got EPERM">');
    const tap = (await run(['SUITE', '--format', 'tap'], suite)).out;
    expect(tap).toMatch(/^TAP version 13\n1\.\.2\nnot ok 1 - modes: chmod: ENOSYS \[new\]\n {2}---\n/);
    const github = (await run(['SUITE', '--format', 'github'], suite)).out;
    expect(github).toMatch(
      /^::error file=.*,line=9,col=14,title=callgate test%3A modes::chmod: ENOSYS \[new\]: expected ENOSYS, got EPERM%0A/,
    );
  });
});

describe('refused with its place', () => {
  test.each<[suite: string, expected: RegExp]>([
    ['', /:1:1: an empty file/],
    ['tests: 1', /:1:8: unexpected number 1/],
    ['test: []', /:1:1: unknown key "test"\n.*tests\?/],
    ['tests: [{call: {}}]', /:1:10: unknown key "call"\n.*calls\?/],
    ['tests: [{name: x}]', /:1:9: this test claims nothing/],
    ['contexts: {a: {engin: docker}}\ntests: []', /:1:16: unknown key "engin"\n.*engine\?/],
    ['contexts: {a: docker@99.0}\ntests: [{always: read}]', /:1:15: .*99\.0/],
    ['contexts: {new: docker}\ntests: [{calls: {read: {nwe: allowed}}}]', /:2:25: no context "nwe"\n.*new\?/],
    ['tests: [{calls: {clnoe3: allowed}}]', /:1:18: no system call is called clnoe3/],
    ['tests: [{calls: {clone3: EPREM}}]', /:1:26: "EPREM" is no verdict\n.*EPERM\?/],
    ['tests: [{never: mnount}]', /:1:17: no system call is called mnount/],
    ['tests: [{calls: {read: [allowed]}}]', /:1:24: unexpected array/],
    ['contexts: {a: {privileged: maybe}}\ntests: [{always: read}]', /privileged: "maybe"/],
    ['contexts: {a: {engine: [docker, podman]}}\ntests: [{always: read}]', /engine takes one value/],
    ['profile: ./none.json\ntests: [{always: read}]', /cannot read .*none\.json/],
    ['tests: [', /YAML/],
  ])('%j', async (suite, expected) => {
    const { status, err } = await run(['SUITE'], suite);
    expect(status).toBe(2);
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('a directory without suites', async () => {
    const empty = join(directory, 'empty');
    mkdirSync(empty);
    expect(await run([empty])).toMatchObject({ status: 2, err: expect.stringContaining('no suite in') });
  });
});

test('of a directory every suite is run', async () => {
  const nested = join(directory, 'many', 'deep');
  mkdirSync(nested, { recursive: true });
  writeFileSync(join(directory, 'many', 'a.test.yaml'), 'tests: [{always: read}]');
  writeFileSync(join(nested, 'b.test.json'), '{"tests": [{"never": "mount"}]}');
  writeFileSync(join(nested, 'other.yaml'), 'no suite');
  const { status, out } = await run([join(directory, 'many')]);
  expect([status, out]).toEqual([0, '✓ 2 passed, 0 failed\n']);
});

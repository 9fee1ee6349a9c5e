import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilitySets, setFor } from '../../scripts/profiles/capabilitySets.js';
import { engineFile } from '../../scripts/profiles/engineFile.js';
import { reviewable } from '../../scripts/reviewable.js';
import { importKernel } from '../../scripts/syscalls/kernel.js';
import { importLibseccomp } from '../../scripts/syscalls/libseccomp.js';
import { importNumbers } from '../../scripts/syscalls/numbers.js';
import type { RawTables } from '../../scripts/syscalls/raw.js';
import { importSignatures } from '../../scripts/syscalls/signatures.js';

const TABLES: RawTables = {
  arches: ['x86_64', 'arm'],
  archFirst: { x86_64: '2.0.0', arm: '2.1.0' },
  libseccompReleases: [{ version: '2.0.0', date: '2013-01-28', names: 2, basedOn: ['Linux 3.4.7'] }],
  kernelTablesChecked: '7.2',
  syscalls: {
    newer: {
      nr: { x86_64: 7 },
      kernel: { x86_64: '5.3' },
      kernelAtMost: ['x86_64'],
      since: '5.1',
      libseccomp: '2.4.2',
      libseccompArch: { x86_64: '2.4.4' },
    },
    old: {
      nr: { x86_64: 1, arm: 2 },
      kernel: { x86_64: '2.0', arm: '2.6.16' },
      kernelObserved: [],
      since: '2.0',
      removed: '5.5',
      libseccomp: '2.0.0',
      libseccompFix: { arm: [['2.2.1', 90, null]] },
      libseccompRemoved: '2.5.0',
    },
    seen: {
      nr: { arm: 3 },
      kernel: { arm: '4.3' },
      kernelObserved: ['arm'],
      since: '2.0',
      libseccomp: '2.0.0',
    },
  },
};

describe('the import of the tables', () => {
  it('has one column a table', () => {
    expect(importNumbers(TABLES)).toMatchObject({
      tables: ['x86_64', 'arm'],
      numbers: { newer: [7, null], old: [1, 2], seen: [null, 3] },
    });
  });
  it('marks kernel releases that are bounds or inherited', () => {
    expect(importKernel(TABLES)).toMatchObject({
      removed: { old: '5.5' },
      since: {
        newer: { since: '5.1', x86_64: '<5.3' },
        old: { since: '2.0', arm: '~2.6.16' },
        seen: { since: '2.0', arm: '4.3' },
      },
    });
  });
  it('groups names by the release that has them first', () => {
    expect(importLibseccomp(TABLES)).toMatchObject({
      namesSince: { '2.0.0': ['old', 'seen'], '2.4.2': ['newer'] },
      removed: { old: '2.5.0' },
      numberSince: { newer: { x86_64: '2.4.4' } },
      numberBefore: { old: { arm: [['2.2.1', 90]] } },
    });
  });
});

describe('the import of signatures', () => {
  const entry = (type: string) => ({ f: { args: [['a', type]] as const, category: 'c', purpose: 'p' } });
  it.each([
    ['const int', 'int'],
    ['const char*', 'const char*'],
    ['const void*const', 'const void*'],
    ['struct sigaction', 'struct sigaction*'],
  ])('%s becomes %s', (type, stored) => {
    expect(importSignatures(entry(type)).types).toMatchObject({ args: { f: [['a', stored]] } });
  });
  it('stops at a type whose width is not known', () => {
    expect(() => importSignatures(entry('s128'))).toThrow('no width known for the C type "s128"');
  });
});

it('capability lists apply to a range of versions, pseudo-versions among them', () => {
  const sets = capabilitySets(
    {
      capabilities: [{ name: 'CAP_CHOWN' }, { name: 'CAP_KILL' }],
      defaultSets: [
        { engine: 'e (x, y)', versions: '1.0.0 to 1.9.0 (every tag)', caps: ['CAP_KILL', 'CAP_CHOWN'] },
        { engine: 'e (x, y)', versions: '2.0.0', caps: ['CAP_CHOWN'] },
        { engine: 'other', versions: '1.0.0', caps: ['CAP_KILL'] },
        { engine: 'e', versions: '0.1.0', caps: null },
      ],
    },
    'e',
    'here',
  );
  expect(sets.map(({ from, to }) => [from, to])).toEqual([
    ['1.0.0', '1.9.0'],
    ['2.0.0', '2.0.0'],
  ]);
  expect(setFor(sets, '1.8.1-0.20231130092720-630c929caef9')?.capabilities).toEqual([
    'CAP_CHOWN',
    'CAP_KILL',
  ]);
  expect(setFor(sets, '2.0.0')?.capabilities).toEqual(['CAP_CHOWN']);
  expect(setFor(sets, '3.0.0')).toBeUndefined();
  expect(setFor(sets, undefined)).toBeUndefined();
});

it('an engine file has each profile once, by its difference, and a digest for each release', async () => {
  const release = (version: string, file?: string) => ({
    version,
    date: '2020-01-01',
    from: 'default.json',
    capabilities: undefined,
    ...(file === undefined ? {} : { file: `engine/${file}.json` }),
  });
  const { facts, digests } = await engineFile('test/data/fixtures', 'owner/name', [
    release('0.9'),
    release('1.0', '1.0'),
    release('1.1', '1.0'),
    release('2.0', '2.0'),
    release('2.1', '2.1'),
  ]);
  expect(facts).toMatchObject({
    repository: 'owner/name',
    releases: [
      { version: '0.9' },
      { version: '1.0', profile: 'engine:1.0' },
      { version: '1.1', profile: 'engine:1.0' },
      { version: '2.0', profile: 'engine:2.0' },
      { version: '2.1', profile: 'engine:2.0' },
    ],
    profiles: {
      'engine:1.0': { rules: [{ names: ['accept', 'read', 'write'], action: 'SCMP_ACT_ALLOW' }, {}] },
      'engine:2.0': {
        base: 'engine:1.0',
        rules: [{ edit: 0, names: [[1, [], ['openat2']]] }, { keep: [1, 1] }, { names: ['clone3'] }],
      },
    },
  });
  expect(JSON.stringify(facts)).not.toContain('a comment');
  expect(Object.values(digests)).toEqual([
    ['1.0', '1.1'],
    ['2.0', '2.1'],
  ]);
});

describe('reviewable', () => {
  const values = [
    {},
    { a: 1, b: [1, 2], c: { d: null } },
    { long: Array.from({ length: 100 }, (_, index) => `word${index}`) },
    {
      rows: Array.from({ length: 3 }, (_, index) => ({
        index,
        text: 'x'.repeat(100),
        more: ['y'.repeat(100)],
      })),
    },
    { object: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, index])) },
  ];
  it.each(values)('keeps the value of %j', (value) => {
    const text = reviewable(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text.split('\n').filter((line) => line.length > 150)).toEqual([]);
  });
});

describe('scripts/run.mjs', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'callgate-import-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('runs an import on Node without TypeScript', async () => {
    const script = 'scripts/import-capabilities.ts';
    const run = spawnSync(process.execPath, ['scripts/run.mjs', script, 'test/data/fixtures', directory], {
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(await readFile(join(directory, 'capabilities.json'), 'utf8'))).toEqual({
      origin: expect.any(String),
      capabilities: [{ name: 'CAP_CHOWN', number: 0, kernel: '2.2', purpose: 'own words' }],
    });
  });

  it('says how it is used', () => {
    const run = spawnSync(process.execPath, ['scripts/run.mjs'], { encoding: 'utf8' });
    expect(run).toMatchObject({ status: 2, stderr: expect.stringContaining('usage:') });
  });
});

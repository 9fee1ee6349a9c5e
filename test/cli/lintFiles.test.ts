import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inProcess } from './inProcess.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-lint-files-'));
  writeFileSync(join(directory, 'a.json'), '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []}');
  writeFileSync(join(directory, 'b.json'), '{"defaultAction": "SCMP_ACT_ALLOW", "syscals": []}');
});
afterAll(() => rmSync(directory, { recursive: true }));

async function lint(...words: readonly string[]) {
  const files = ['a.json', 'b.json'].map((name) => join(directory, name));
  return inProcess(['lint', ...files, ...words]);
}

test('several profiles are linted in one run, whatever the format', async () => {
  const human = await lint();
  expect(human.status).toBe(1);
  expect(human.out).toContain('a.json');
  expect(human.out).toContain('b.json');
  const json = JSON.parse((await lint('--format', 'json')).out);
  expect(json).toMatchObject({
    schemaVersion: 1,
    files: [{ file: expect.stringContaining('a.json') }, { file: expect.stringContaining('b.json') }],
  });
  const sarif = JSON.parse((await lint('--format', 'sarif')).out);
  const uris = sarif.runs[0].results.map(
    (result: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
      result.locations[0]?.physicalLocation.artifactLocation.uri.slice(-6),
  );
  expect(new Set(uris)).toEqual(new Set(['a.json', 'b.json']));
  expect((await lint('--format', 'github')).out).toMatch(/a\.json[\s\S]*b\.json/);
});

test('the container is the one that --like names', async () => {
  const { out } = await lint('--like', 'podman@5.4.0+libseccomp@2.5.1', '--format', 'json');
  expect(JSON.parse(out).files[0].context).toMatchObject({
    engine: { name: 'podman', version: '5.4.0' },
    libseccomp: '2.5.1',
  });
});

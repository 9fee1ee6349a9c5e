import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { inProcess } from './inProcess.js';

const home = process.cwd();
let directory: string;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'callgate-config-')));
  mkdirSync(join(directory, 'deep', 'er'), { recursive: true });
  writeFileSync(join(directory, 'p.json'), '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 95}');
});
afterEach(() => process.chdir(home));
afterAll(() => rmSync(directory, { recursive: true }));

async function run(config: string, words: readonly string[], where = 'deep/er') {
  writeFileSync(join(directory, 'callgate.config.json'), config);
  process.chdir(join(directory, where));
  return inProcess(words);
}

const verdict = async (config: string, ...words: readonly string[]): Promise<string> => {
  const { out } = await run(config, ['why', 'mbind', '--format', 'json', ...words]);
  const { verdict: found, context, notes } = JSON.parse(out);
  const config_ = notes.some((note: string) => note.includes('callgate.config.json')) ? ', config' : '';
  return `${context.engine.name} ${context.engine.version} ${found.errno ?? found.action}${config_}`;
};

describe('callgate.config.json', () => {
  test.each<[config: string, words: readonly string[], expected: string]>([
    ['{"context": "docker@20.10.9"}', [], 'docker 20.10.9 EPERM, config'],
    [
      '{"context": {"engine": "podman@5.4.2", "cap-add": ["SYS_NICE"]}}',
      [],
      'podman 5.4.2 SCMP_ACT_ALLOW, config',
    ],
    [
      '{"context": {"like": "docker@28.5.2", "profile": "./p.json"}, // ours\n}',
      [],
      'docker 28.5.2 EOPNOTSUPP, config',
    ],
    // Any word about the context on the command line replaces all of it.
    ['{"context": "podman@5.4.2+SYS_NICE"}', ['--engine', 'docker@28.5.2'], 'docker 28.5.2 EPERM'],
    ['{"suites": []}', ['--engine', 'docker@28.5.2'], 'docker 28.5.2 EPERM'],
  ])('%s %j → %s', async (config, words, expected) => {
    expect(await verdict(config, ...words)).toBe(expected);
  });

  test.each<[config: string, expected: RegExp]>([
    ['[]', /\.\.\/\.\.\/callgate\.config\.json:1:1: unexpected array/],
    ['{"contxt": 1}', /:1:2: unknown key "contxt"\n.*context\?/],
    ['{"context": {"engin": "docker"}}', /:1:14: unknown key "engin"\n.*engine\?/],
    ['{"suites": "a"}', /:1:12: unexpected string "a"/],
    ['{', /:1:2: /],
  ])('%s is refused', async (config, expected) => {
    const { status, err } = await run(config, ['why', 'mbind']);
    expect(status).toBe(2);
    expect(err).toMatch(expected);
  });

  test('its suites are what test runs', async () => {
    writeFileSync(join(directory, 'p.test.yaml'), 'tests: [{calls: {mbind: EOPNOTSUPP}}]');
    const config = '{"suites": ["p.test.yaml"], "context": {"profile": "p.json"}}';
    expect(await run(config, ['test'])).toMatchObject({ status: 0, out: '✓ 1 passed, 0 failed\n' });
    expect(await run('{}', ['test'])).toMatchObject({
      status: 2,
      err: expect.stringContaining('no suite is named'),
    });
  });

  test('a repository is its end', async () => {
    mkdirSync(join(directory, 'deep', '.git'), { recursive: true });
    const { out } = await run('{"context": "podman@5.4.2"}', ['why', 'mbind', '--format', 'json']);
    expect(JSON.parse(out).context.engine.name).toBe('docker');
    rmSync(join(directory, 'deep', '.git'), { recursive: true });
  });
});

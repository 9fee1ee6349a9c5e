import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../scenarios/callgate.js';

const root = join(import.meta.dirname, '../..');

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const locked: Readonly<Record<string, Locked>> = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
).packages;

describe('dependencies', () => {
  test('none that is installed with the package has an install script', () => {
    const scripted = Object.entries(locked).filter(
      ([path, { dev, hasInstallScript }]) => path !== '' && !dev && hasInstallScript,
    );
    expect(scripted.map(([path]) => path)).toEqual([]);
  });

  test('all that is installed with the package is under a permissive licence', () => {
    const others = Object.entries(locked)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .filter(([, { license }]) => !['MIT', 'ISC', 'Apache-2.0', 'BSD-3-Clause'].includes(license ?? 'none'));
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });
});

describe('npm pack', () => {
  let files: readonly string[];
  beforeAll(async () => {
    await build();
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [pack] = JSON.parse(stdout);
    files = pack.files.map(({ path }: { path: string }) => path);
  }, 120_000);

  test('has what the manifest promises', () => {
    const promised = [
      ...Object.values<string>(manifest.bin),
      ...Object.values<string | Record<string, string>>(manifest.exports).flatMap((entry) =>
        typeof entry === 'string' ? [entry] : Object.values(entry),
      ),
    ].map((path) => path.replace(/^\.\//, ''));
    expect(promised.filter((path) => !files.includes(path))).toEqual([]);
    for (const name of ['LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md']) expect(files).toContain(name);
  });

  test('has nothing of the workshop', () => {
    const strays = files.filter(
      (path) =>
        /^(src|test|scripts|bench|data|examples|node_modules|\.)/.test(path) ||
        /\.(map|test\.js)$/.test(path),
    );
    expect(strays).toEqual([]);
  });
});

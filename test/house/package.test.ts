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
  readonly deprecated?: string;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const locked: Readonly<Record<string, Locked>> = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
).packages;

describe('dependencies', () => {
  test('none has an install script', () => {
    const scripted = Object.entries(locked).filter(([path, one]) => path !== '' && one.hasInstallScript);
    expect(scripted.map(([path]) => path)).toEqual([]);
  });

  test('all that is installed with the package is under a permissive licence', () => {
    const others = Object.entries(locked)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .filter(([, { license }]) => !['MIT', 'ISC', 'Apache-2.0', 'BSD-3-Clause'].includes(license ?? 'none'));
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  test('none is deprecated', () => {
    const old = Object.entries(locked).filter(([, { deprecated }]) => deprecated !== undefined);
    expect(old.map(([path]) => path)).toEqual([]);
  });
});

/** What NOTICE calls packages that have no name of their own there. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^@codemirror\//, 'CodeMirror'],
  [/^@lezer\//, 'Lezer'],
  [/^@marijn\//, 'find-cluster-break'],
  [/^@preact\/signals/, 'Preact Signals'],
  [/^preact$/, 'Preact'],
];

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

  test.each(['dist/licenses.md', 'dist/web/licenses.md'])(
    'NOTICE names what %s has the licences of',
    (file) => {
      const notice = readFileSync(join(root, 'NOTICE'), 'utf8');
      const bundled = [...readFileSync(join(root, file), 'utf8').matchAll(/^## (@?[^ ]+) \d/gm)];
      expect(bundled.length).toBeGreaterThan(5);
      const unnamed = bundled
        .map(([, name = '']) => FAMILIES.find(([packages]) => packages.test(name))?.[1] ?? name)
        .filter((name) => !notice.includes(name));
      expect(unnamed).toEqual([]);
    },
  );

  test('has nothing of the workshop', () => {
    const strays = files.filter(
      (path) =>
        /^(src|test|scripts|bench|data|examples|node_modules|\.)/.test(path) ||
        /\.(map|test\.js)$/.test(path),
    );
    expect(strays).toEqual([]);
  });
});

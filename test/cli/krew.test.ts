import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { build, CALLGATE } from '../scenarios/callgate.js';

const lacks = hasCommand('kubectl') && hasCommand('tar') ? undefined : 'kubectl (kubernetes-client), tar';

describeWithOracle(lacks, 'the Krew plugin', () => {
  const uri = 'https://example.org/callgate.tar.gz';
  let directory: string;
  let manifest: {
    metadata: { name: string };
    spec: {
      version: string;
      shortDescription: string;
      platforms: { uri: string; sha256: string; bin: string; selector: object }[];
    };
  };
  beforeAll(async () => {
    await build();
    directory = mkdtempSync(join(tmpdir(), 'callgate-krew-'));
    const script = resolve(import.meta.dirname, '../../scripts/krew.mjs');
    const made = spawnSync(process.execPath, [script, join(directory, 'release'), uri], { encoding: 'utf8' });
    expect(made).toMatchObject({ status: 0, stderr: '' });
    manifest = parse(readFileSync(join(directory, 'release/callgate.yaml'), 'utf8'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('the manifest is what Krew’s validation asks for, and names the archive’s bytes', () => {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(directory, 'release/callgate.tar.gz')))
      .digest('hex');
    expect(manifest).toMatchObject({
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: expect.stringMatching(/^[\w-]+$/) },
      spec: {
        version: expect.stringMatching(/^v\d+\.\d+\.\d+$/),
        shortDescription: expect.stringMatching(/^.{1,50}$/),
        platforms: [{ uri, sha256, bin: expect.any(String), selector: expect.any(Object) }],
      },
    });
  });

  test('installed as Krew does it, kubectl runs it', () => {
    const store = join(directory, 'store');
    const bin = join(directory, 'bin');
    for (const path of [store, bin]) mkdirSync(path);
    const archive = join(directory, 'release/callgate.tar.gz');
    expect(spawnSync('tar', ['-xzf', archive, '-C', store]).status).toBe(0);
    symlinkSync(join(store, manifest.spec.platforms[0]?.bin ?? ''), join(bin, 'kubectl-callgate'));
    const env = { ...process.env, NO_COLOR: '1', PATH: `${bin}${delimiter}${process.env['PATH']}` };
    const words = ['k8s', 'explain', '-', '--node', 'containerd@1.7.27', '--call', 'clone3'];
    const options = {
      encoding: 'utf8',
      env,
      input: 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n',
    } as const;
    const plugin = spawnSync('kubectl', ['callgate', ...words], options);
    expect(plugin.stderr).toBe('');
    expect(plugin.stdout).toBe(spawnSync(process.execPath, [CALLGATE, ...words], options).stdout);
    expect(plugin.status).toBe(0);
  });
});

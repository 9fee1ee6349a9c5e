import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeWithOracle, hasCommand } from './oracle.js';
import { build } from './scenarios/callgate.js';

const examples = join(import.meta.dirname, '..', 'examples');

beforeAll(build, 120_000);

function node(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: examples, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

const pure: Readonly<Record<string, RegExp>> = {
  'why.mjs': /^EPERM\nprofile: no rule applies[\s\S]*\(opens 0\)\n/,
  'symptom.mjs': /^clone3 EPERM moby\/moby#42680\n$/,
  'diff.mjs': /x86_64 io_uring_setup SCMP_ACT_ALLOW → EPERM\n/,
  'prove.mjs': /^bpf: true\nsocket: false \[/,
  'fix.mjs': /^allow personality with these arguments only.*: opens 1 \{.*262144/,
  'lint.mjs': /^2:20 deny-list: /,
  'compile.mjs': /^\d+ instructions, \d+ bytes\n/,
  'show.mjs': /^socket by arguments\n[\s\S]*\nmount EPERM\n/,
  'extend.mjs': /^true true\n.*get_mempolicy.* userfaultfd\n$/,
  'merge.mjs': /^\[ 'write' \]\ntrue true\n$/,
  'update.mjs': /^38 0 false\n20\.10\.9 SCMP_ACT_ERRNO\n$/,
  'preflight.mjs': /^false true\n$/,
  'decode.mjs': /^clone3 clone3 .*denied with an errno/,
  'suite.mjs': /^✓ clone3: EPERM old\n[\s\S]*\{ passed: 6, failed: 0 \}\n$/,
  'kubernetes.mjs': /^a ENOSYS\nb ENOSYS\n[\s\S]*type: RuntimeDefault\n/,
  'watch-profile.mjs': /^\d+ calls are heard of, .*\n\/run\/callgate\/watch\.sock\n$/,
  'matrix.mjs': /^docker 20\.10\.9 EPERM\ndocker 20\.10\.10 ENOSYS\n/,
};

const linux: Readonly<Record<string, RegExp>> = {
  'sandbox.mjs': /unshare\(CLONE_NEWUSER\) → EPERM\n[\s\S]*ended with 0\n$/,
  'record.mjs': /^(ebpf|user-notification) true\n$/,
};

describe('examples', () => {
  test.each(Object.entries(pure))('%s', (file, output) => {
    expect(node(file)).toMatch(output);
  });

  test('browser.mjs is bundled without Node', async () => {
    const bundle = await rolldown({
      cwd: join(examples, '..'),
      input: join(examples, 'browser.mjs'),
      platform: 'browser',
      logLevel: 'silent',
    });
    const { output } = await bundle.generate({ format: 'iife', name: 'example', codeSplitting: false });
    await bundle.close();
    expect(output.flatMap((chunk) => ('imports' in chunk ? chunk.imports : []))).toEqual([]);
    const page = runInNewContext(`${output[0].code}; example`, { TextDecoder, TextEncoder, URL, console });
    expect(await page.answer('docker@20.10.9', 'clone3')).toBe('EPERM');
  });

  test('none is left out', () => {
    const files = readdirSync(examples).filter((name) => name.endsWith('.mjs'));
    const tried = [...Object.keys(pure), ...Object.keys(linux), 'browser.mjs', 'denials.test.mjs'];
    expect(files.sort()).toEqual(tried.sort());
    for (const file of files)
      expect(readFileSync(join(examples, 'README.md'), 'utf8')).toContain(`(${file})`);
  });
});

describeWithOracle(
  hasCommand('unshare') ? undefined : 'unshare (Debian: util-linux)',
  'examples that start a command',
  () => {
    test.each(Object.entries(linux))('%s', (file, output) => {
      expect(node(file)).toMatch(output);
    });

    test('denials.test.mjs', () => {
      expect(node('--test', 'denials.test.mjs')).toMatch(/# pass 2\n/);
    });
  },
);

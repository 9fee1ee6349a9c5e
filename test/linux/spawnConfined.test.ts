import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CallgateError } from '../../src/error.js';
import { type ReportedDenial, spawn } from '../../src/linux/spawnConfined.js';
import { readProfile } from '../../src/profile/read.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { buildWorker } from './build.js';

const lacks =
  process.platform !== 'linux' ? 'Linux' : hasCommand('unshare') ? undefined : 'the command unshare';

async function run(
  command: string,
  args: readonly string[],
  options: Omit<Parameters<typeof spawn>[2], 'onDenial'>,
) {
  const denials: ReportedDenial[] = [];
  let stdout = '';
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    ...options,
    onDenial: (denial) => denials.push(denial),
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, denials };
}

describeWithOracle(lacks, 'spawn under a target', () => {
  beforeAll(() => buildWorker());

  test('a release of an engine', async () => {
    const { code, denials } = await run('unshare', ['-U', 'true'], { seccomp: 'docker@28.5.2' });
    expect(code).toBe(1);
    expect(denials.map(({ text }) => text)).toEqual(['unshare(CLONE_NEWUSER) → EPERM']);
    expect(denials[0]?.call.rule?.text).toContain('CAP_SYS_ADMIN');
  });

  test('a profile’s file, and a profile', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'callgate-spawn-'));
    const text =
      '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["getcwd"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}';
    try {
      const path = join(directory, 'profile.json');
      writeFileSync(path, text);
      for (const seccomp of [path, readProfile(text, 'profile.json')]) {
        const { stdout, denials } = await run('sh', ['-c', 'echo out; /bin/pwd'], {
          seccomp,
        });
        expect(stdout).toMatch(/^out\n/);
        expect(denials[0]?.text).toMatch(/^getcwd\(.*\) → EACCES$/);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('a bundle’s profile goes to the runtime as it stands, and the other byte order is left out', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'callgate-spawn-'));
    const seccomp = (architectures: readonly string[]) => ({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures,
      syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }],
    });
    try {
      const bundle = join(directory, 'config.json');
      const linux = { seccomp: seccomp([]) };
      writeFileSync(bundle, JSON.stringify({ ociVersion: '1.0.2', linux }));
      const both = join(directory, 'both.json');
      writeFileSync(
        both,
        JSON.stringify(seccomp(['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_S390X'])),
      );
      for (const target of [`oci:${bundle}`, both]) {
        const { denials } = await run('/bin/pwd', [], { seccomp: target });
        expect(denials[0]?.text).toMatch(/^getcwd\(.*\) → EACCES$/);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('without a filter where that is asked for', async () => {
    expect(await run('true', [], { seccomp: 'unconfined' })).toEqual({ code: 0, stdout: '', denials: [] });
  });

  test.each(['docker@99.0.0', 'dokcer', './does-not-exist.json', 'pid:1'])(
    '%s is refused before anything starts',
    (seccomp) => {
      expect(() => spawn('true', [], { seccomp })).toThrow(CallgateError);
    },
  );
});

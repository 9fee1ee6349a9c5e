import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inProcess } from '../cli/inProcess.js';

const directory = mkdtempSync(join(tmpdir(), 'callgate-lint-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const callgate = (...words: readonly string[]) => inProcess(words);

const THREE = `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [{ "names": ["read", "write", "exit_group"], "action": "SCMP_ACT_ALLOW" }]
}
`;
const OPEN =
  '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["acct"], "action": "SCMP_ACT_ERRNO"}]}';

describe('callgate lint', () => {
  it('exits with 1, and tells place, rule and text', async () => {
    const path = file('typo.json', THREE.replace('"read"', '"raed"'));
    const { status, out, err } = await callgate('lint', path, '--arch', 'amd64');
    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(out).toContain(`${path}:3:28: warning unknown-name`);
    expect(out).toContain('did you mean read?');
  });

  it('exits with 0 when nothing is found', async () => {
    const { out: whole } = await callgate('show', 'docker@29.7.2', '--format', 'docker');
    const profile = JSON.parse(whole);
    // What the default’s own findings are about (test/lint/allowed.ts).
    profile.syscalls = profile.syscalls.filter(
      ({ names, args }: { names: string[]; args?: unknown[] }) =>
        !names.includes('sync_file_range2') && !(names.includes('socket') && args !== undefined),
    );
    for (const rule of profile.syscalls) {
      rule.names = rule.names.filter((name: string) => name !== 'socketcall');
    }
    const path = file('good.json', JSON.stringify(profile));
    const { status, out } = await callgate('lint', path, '--engine', 'docker@29.7.2', '--arch', 'amd64');
    expect({ status, out: out.split('\n').at(-2) }).toEqual({ status: 0, out: 'nothing found' });
  });

  it.each([
    ['no JSON', '{'],
    ['no profile', '[]'],
  ])('exits with 2 for %s', async (_, text) => {
    expect((await callgate('lint', file('broken.json', text))).status).toBe(2);
  });

  it('depends on the release that is asked for', async () => {
    const path = file('errno.json', OPEN.replace('"SCMP_ACT_ERRNO"', '"SCMP_ACT_ERRNO", "errnoRet": 38'));
    const rules = async (engine: string) =>
      JSON.parse((await callgate('lint', path, '--engine', engine, '--format', 'json')).out).findings.map(
        ({ rule }: { rule: string }) => rule,
      );
    expect(await rules('docker@20.10.9')).toContain('ignored-field');
    expect(await rules('docker@20.10.10')).not.toContain('ignored-field');
  });

  it('--fix writes the file, and says what is left', async () => {
    const path = file('fix.json', `// mine\n${THREE.replace('"read"', '"raed"')}`);
    const { err, out } = await callgate('lint', path, '--fix', '--format', 'github');
    expect(readFileSync(path, 'utf8')).toBe(`// mine\n${THREE}`);
    expect(err).toBe(`callgate: ${path}: 1 fixed\n`);
    expect(out).not.toContain('unknown-name');
    expect(out).toContain('callgate comment');
  });

  it('--fix refuses to change bytes that it cannot read', async () => {
    const bytes = Buffer.from(THREE.replace('"read"', '"raed", "\u00e9"'), 'latin1');
    const path = file('latin1.json', bytes);
    expect((await callgate('lint', path, '--fix')).status).toBe(2);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('--format sarif is JSON of version 2.1.0', async () => {
    const { out } = await callgate('lint', file('open.json', OPEN), '--format', 'sarif');
    expect(JSON.parse(out).version).toBe('2.1.0');
  });
});

describe('callgate preflight', () => {
  const ask = ['--arch', 'amd64', '--runtime', 'runc@1.1.5'] as const;

  it('says what is missing, and exits with 1', async () => {
    const { status, out } = await callgate('preflight', file('three.json', THREE), ...ask);
    expect(status).toBe(1);
    expect(out).toMatch(/runc 1\.1\.5 cannot start the program/);
    expect(out).toMatch(/capset +EPERM +"unable to apply caps"/);
    expect(out).toMatch(/a static program with musl does not get to main\(\)/);
  });

  it('asks for less with no_new_privs', async () => {
    const missing = async (...more: string[]) => {
      const words = ['preflight', file('three.json', THREE), ...ask, '--format', 'json', ...more];
      return JSON.parse((await callgate(...words)).out).runtime.missing.map(
        ({ call }: { call: string }) => call,
      );
    };
    expect(await missing()).toContain('setuid');
    expect(await missing('--security-opt', 'no-new-privileges')).not.toContain('setuid');
  });

  it('--add completes the profile, which starts then', async () => {
    const path = file('three.json', THREE);
    const complete = join(directory, 'complete.json');
    expect((await callgate('preflight', path, ...ask, '--add', '-o', complete)).status).toBe(0);
    expect((await callgate('preflight', complete, ...ask)).status).toBe(0);
    const [added, own] = JSON.parse(readFileSync(complete, 'utf8')).syscalls;
    expect(added.names).toContain('execve');
    expect(added.names).not.toContain('clone');
    expect(own.names).toEqual(['read', 'write', 'exit_group']);
  });

  it('--add prints the profile alone on standard output', async () => {
    const { out, err } = await callgate('preflight', file('three.json', THREE), ...ask, '--format', 'json');
    expect(err).toBe('');
    expect(JSON.parse(out).add).toContain('execve');
  });

  it('tells why a profile does not load, in the runtime’s words', async () => {
    const path = file('kill.json', OPEN.replace('SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS'));
    const { status, out } = await callgate('preflight', path, '--runtime', 'runc@1.1.0');
    expect(status).toBe(1);
    expect(out).toContain('string SCMP_ACT_KILL_PROCESS is not a valid action for seccomp');
  });

  it.each([
    'docker@29.7.2',
    'docker@28.5.2',
    'docker@24.0.9',
    'docker@20.10.9',
    'podman@5.8.2',
    'containerd@2.2.0',
  ])('the default profile of %s starts everything', async (target) => {
    const [name] = target.split('@');
    const { out } = await callgate('show', target, '--arch', 'amd64', '--format', 'oci');
    const words = name === 'podman' ? ['--engine', target, '--runtime', 'crun'] : ['--engine', target];
    const { status, out: told } = await callgate(
      'preflight',
      file('default.json', out),
      ...words,
      '--arch',
      'amd64',
    );
    expect(told.includes('✗') ? told : status).toBe(0);
  });

  it.each([
    [['--program', 'perl'], /no kind of program/],
    [['-o', 'x.json'], /--add/],
  ])('refuses %s', async (words, message) => {
    const { status, err } = await callgate('preflight', file('three.json', THREE), ...words);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});

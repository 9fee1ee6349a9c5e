import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWithOracle } from '../oracle.js';
import { build, CALLGATE } from '../scenarios/callgate.js';

let home: string;
beforeAll(build);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'callgate-kept-test-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function run(...words: readonly string[]) {
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CALLGATE, 'run', ...words], {
    encoding: 'utf8',
    cwd: home,
    env,
  });
  return { status, stdout, stderr };
}
const kept = () => readdirSync(join(home, 'cache/callgate'));

describeWithOracle(process.platform === 'linux' ? undefined : 'Linux', 'a run as before', () => {
  const denied = ['unshare', '-U', 'true'];

  test.each<readonly [string, readonly string[]]>([
    ['with its report', ['--like', 'docker@28.5.2', '--', ...denied]],
    ['without a report', ['--like', 'docker@28.5.2', '--no-report', '--', ...denied]],
    [
      'as a failure',
      ['--like=docker@28.5.2', '--fail-on-any-denial', '--', 'sh', '-c', 'unshare -U true; true'],
    ],
    ['of a command that is not there', ['--like', 'docker@28.5.2', '--', 'nowhere-to-be-found']],
    ['without --', ['--like', 'docker@28.5.2', ...denied]],
  ])('%s says the same', (_, words) => {
    const plain = ({ status, stdout, stderr }: ReturnType<typeof run>) => ({
      status,
      stdout,
      stderr: stderr.replace(/\[\d+\]/g, '[PID]'),
    });
    const first = run(...words);
    expect(kept()).toHaveLength(1);
    expect(plain(run(...words))).toEqual(plain(first));
    expect(kept()).toHaveLength(1);
  });

  test('a -- that is a flag’s value is none that ends the flags', () => {
    const words = ['--like', 'docker@28.5.2', '--report', '--'];
    expect(run(...words, 'true').status).toBe(0);
    const outcome = run(...words, '--no-such-flag', 'true');
    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain('unknown option');
  });

  test('a profile that has changed since is read anew', () => {
    const profile = join(home, 'profile.json');
    const write = (action: string) => writeFileSync(profile, JSON.stringify({ defaultAction: action }));
    write('SCMP_ACT_ALLOW');
    for (const status of [0, 0])
      expect(run('--profile', 'profile.json', '--', ...denied).status).toBe(status);
    writeFileSync(
      profile,
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['unshare'], action: 'SCMP_ACT_ERRNO' }],
      }),
    );
    expect(run('--profile', 'profile.json', '--', ...denied).status).toBe(1);
  });

  test('a configuration that has come since counts', () => {
    expect(run('--', ...denied).status).toBe(1);
    expect(run('--', ...denied).status).toBe(1);
    writeFileSync(join(home, 'callgate.config.json'), JSON.stringify({ context: { engine: 'docker@1.0' } }));
    expect(run('--', 'true')).toMatchObject({ status: 2, stderr: expect.stringContaining('docker 1.0') });
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { build, callgateHere, profile } from './callgate.js';

beforeAll(build);

const json = async (...args: readonly string[]) => {
  const { status, stdout, stderr } = await callgateHere(...args, '--format', 'json');
  expect(stderr).toBe('');
  return { status, answer: JSON.parse(stdout) };
};

describe('matrix', () => {
  it('crosses lists and ranges', async () => {
    const { status, answer } = await json(
      ...'matrix faccessat2 --engine docker@19.03.15,docker@20.10.0 --libseccomp 2.4.3,2.4.4 --runtime runc@1.0.0-rc92 --arch amd64'.split(
        ' ',
      ),
    );
    expect(status).toBe(0);
    const rows = answer.rows.map(
      (row: { context: { engine: { version: string }; libseccomp: string }; verdict: { action: string } }) =>
        [row.context.engine.version, row.context.libseccomp, row.verdict.action].join(' '),
    );
    expect(rows.sort()).toEqual([
      '19.03.15 2.4.3 SCMP_ACT_ERRNO',
      '19.03.15 2.4.4 SCMP_ACT_ERRNO',
      '20.10.0 2.4.3 SCMP_ACT_ERRNO',
      '20.10.0 2.4.4 SCMP_ACT_ALLOW',
    ]);
  });

  it('tells ranges to a person, and single releases when asked', async () => {
    const words = 'matrix clone3 --engine docker@20.10.8..20.10.11 --runtime runc@1.0.2 --arch amd64'.split(
      ' ',
    );
    const { stdout } = await callgateHere(...words);
    expect(stdout).toMatch(/docker 20\.10\.8 … 20\.10\.9 .*✗ EPERM/);
    expect(stdout).toMatch(/docker 20\.10\.10 … 20\.10\.11 .*✗ ENOSYS/);
    const { stdout: all } = await callgateHere(...words, '--expand');
    expect(all.match(/│ docker 20\.10\.\d+ +│/g)).toHaveLength(4);
  });

  it('does not join releases that are not neighbours', async () => {
    const { stdout } = await callgateHere(
      ...'matrix clone3 --engine docker@20.10.1,docker@20.10.5 --arch amd64'.split(' '),
    );
    expect(stdout).not.toContain('…');
  });

  it('refuses what it cannot mean', async () => {
    expect((await callgateHere('matrix')).status).toBe(2);
    expect((await callgateHere('matrix', 'clone3', '--engine', 'docker@9..8')).stderr).toMatch(
      /no release of docker/,
    );
    expect((await callgateHere('matrix', 'clone33')).stderr).toMatch(/clone3/);
  });
});

describe('diff', () => {
  it('names what changed, with exit code 1', async () => {
    const { status, answer } = await json('diff', 'docker@24.0.9', 'docker@25.0.0', '--arch', 'amd64');
    expect(status).toBe(1);
    expect(answer).toMatchObject({ equal: false, proved: true, widened: [] });
    expect(answer.narrowed).toEqual(['io_uring_setup', 'io_uring_enter', 'io_uring_register']);
    expect(answer.changes[0]).toMatchObject({
      syscall: 'io_uring_setup',
      number: 425,
      abi: 'x86_64',
      from: { action: 'SCMP_ACT_ALLOW' },
      to: { errno: 'EPERM' },
      example: { args: ['0x0', '0x0', '0x0', '0x0', '0x0', '0x0'] },
    });
    expect(answer.unknownNumbers).toBeUndefined();
  });

  it('tells numbers without a name', async () => {
    const [a, b] = ['docker@24.0.9+runc@1.1.12+libseccomp@2.5.5', 'docker@24.0.9+crun@1.14+libseccomp@2.5.5'];
    const { answer } = await json('diff', a, b, '--arch', 'amd64');
    expect(answer.unknownNumbers).toMatchObject({
      abi: 'x86_64',
      from: { errno: 'ENOSYS' },
      to: { errno: 'EPERM' },
    });
    const changed = answer.changes.find(({ syscall }: { syscall: string }) => syscall === 'fchmodat2');
    expect(changed).toMatchObject({ from: { errno: 'ENOSYS' }, to: { errno: 'EPERM' } });
    expect([answer.widened, answer.narrowed]).toEqual([[], []]);
  });

  it('counts arguments and shows a call in words', async () => {
    const { status, stdout } = await callgateHere('diff', 'docker@29.4.1', 'docker@29.4.2', '--arch', 'x86');
    expect(status).toBe(1);
    expect(stdout).toContain('narrower for 2^32 of 2^64 values of family');
    expect(stdout.replace(/\s+/g, ' ')).toContain('socket(AF_ALG): allowed → EPERM');
  });

  it('is silent on equal targets, with exit code 0', async () => {
    const { status, stdout } = await callgateHere(
      'diff',
      'docker@28.5.1',
      'docker@28.5.2',
      '--arch',
      'amd64',
    );
    expect([status, stdout.includes('✓ equal')]).toEqual([0, true]);
  });

  it('fails on a file that is not there', async () => {
    expect((await callgateHere('diff', 'docker@28.5.2', profile('no-such-file.json'))).status).toBe(2);
  });
});

describe('prove', () => {
  it.each([
    [['docker@28.5.2', '--equals', 'docker@28.5.1'], true],
    [['docker@25.0.0', '--within', 'docker@24.0.9'], true],
    [['docker@24.0.9', '--within', 'docker@25.0.0'], false],
    [['docker@28.5.2', '--never', 'reboot'], true],
    [['docker@28.5.2', '--never', 'ptrace'], false],
    [['docker@28.5.2', '--always', 'futex'], true],
    [['unconfined', '--within', 'docker@28.5.2'], false],
  ])('%j → %s', async (words, proved) => {
    const { status, answer } = await json('prove', ...words, '--arch', 'amd64');
    expect(answer.proved).toBe(proved);
    expect(status).toBe(proved ? 0 : 1);
    expect(answer.method).toMatch(/diagrams/);
    expect(answer.counterexample === undefined).toBe(proved);
    if (!proved) {
      const { abi, number, args, left } = answer.counterexample;
      expect([typeof abi, typeof number, args.length, typeof left.action]).toEqual([
        'string',
        'number',
        6,
        'string',
      ]);
      expect(args.every((word: string) => /^0x[0-9a-f]+$/.test(word))).toBe(true);
    }
  });

  it('wants one statement', async () => {
    expect((await callgateHere('prove', 'docker')).status).toBe(2);
    expect((await callgateHere('prove', 'docker', '--never', 'read', '--always', 'read')).status).toBe(2);
  });
});

describe('why', () => {
  it('tells the history of the answer', async () => {
    const words =
      'why clone3 --engine docker@20.10.9 --runtime runc@1.0.0-rc92 --libseccomp 2.5.1 --arch amd64'.split(
        ' ',
      );
    const { answer } = await json(...words);
    expect(answer.history.spans).toMatchObject([
      { from: '1.10.0', to: '20.10.9', verdict: { errno: 'EPERM' } },
      { from: '20.10.10', verdict: { errno: 'ENOSYS' } },
    ]);
    expect((await callgateHere(...words)).stdout).toContain('EPERM until 20.10.9, ENOSYS since 20.10.10');
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { describeWithOracle } from '../oracle.js';
import { inProcess } from './inProcess.js';

/** A world without an environment, in which nothing is to be written. */
const UNTOUCHED = {
  env: {},
  write: () => {
    throw new Error('nothing is to be written');
  },
};

async function decode(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const { status, out, err } = await inProcess(['decode', ...argv], UNTOUCHED);
  return { code: status, out, err };
}

const folder = mkdtempSync(join(tmpdir(), 'callgate-decode-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const LIKE = ['--engine', 'docker@28.5.2', '--arch', 'amd64'];
const audit = (number: number, code: string): string =>
  `type=1326 audit(1600172800.965:102): auid=1 uid=0 gid=0 ses=1 pid=5 comm="x" exe="/x" sig=0 arch=c000003e syscall=${number} compat=0 ip=0x7f01 code=${code}`;

describe('a log in the container that wrote it', () => {
  const explained = async (line: string, ...flags: readonly string[]) => {
    const { out } = await decode(line, '--format', 'json', ...flags);
    return JSON.parse(out) as {
      explanation?: {
        verdict: { errno?: string };
        reasons: readonly { text: string }[];
        remedies: readonly object[];
      };
      disagreement?: string;
    };
  };

  it('is explained as why explains the call', async () => {
    const { explanation, disagreement } = await explained(audit(165, '0x50000'), ...LIKE);
    const { out: why } = await inProcess(['why', 'mount', ...LIKE, '--format', 'json'], UNTOUCHED);
    const { verdict, reasons, remedies } = JSON.parse(why);
    expect(explanation).toMatchObject({ verdict, reasons, remedies });
    expect(verdict.errno).toBe('EPERM');
    expect(disagreement).toBeUndefined();
  });

  it.each<[string, string, RegExp | undefined]>([
    ['errno as predicted', audit(165, '0x50000'), undefined],
    ['another action', audit(165, '0x0'), /the log says KILL_THREAD: another filter wrote it/],
    ['a call that is allowed there', audit(0, '0x50000'), /the log says ERRNO/],
    ['logged and allowed', audit(0, '0x7ffc0000'), undefined],
    ['strace, the same errno', '7 unshare(CLONE_NEWUSER) = -1 EPERM (x)', undefined],
    [
      'strace, another errno',
      '7 unshare(CLONE_NEWUSER) = -1 ENOSYS (x)',
      /the program saw ENOSYS, which this filter does not answer/,
    ],
    [
      'strace, allowed',
      '7 fchownat(AT_FDCWD, "/x", 0, 0, 0) = -1 EPERM (x)',
      /not from this filter: the kernel refused/,
    ],
  ])('%s', async (_, line, expected) => {
    const { disagreement } = await explained(line, ...LIKE);
    if (expected === undefined) expect(disagreement).toBeUndefined();
    else expect(disagreement).toMatch(expected);
  });

  it('looks at arguments where the line tells them', async () => {
    const verdict = async (call: string) =>
      (await explained(`${call} = -1 EPERM (x)`, ...LIKE)).explanation?.verdict;
    expect(await verdict('personality(0x8)')).toMatchObject({ action: 'SCMP_ACT_ALLOW' });
    expect(await verdict('personality(0x40000)')).toMatchObject({ errno: 'EPERM' });
  });

  it('tells each call once, and its verdict again', async () => {
    const path = file('twice.log', `${audit(165, '0x50000')}\n${audit(165, '0x50000')}\n`);
    const { out } = await decode(path, ...LIKE);
    expect(out.match(/✗ EPERM/g)).toHaveLength(2);
    expect(out.match(/needs\s+CAP_SYS_ADMIN/g)).toHaveLength(1);
    expect(out).toContain('✗ EPERM  as told above');
  });

  it('is told as it stands without one', async () => {
    expect(await explained(audit(165, '0x50000'))).not.toHaveProperty('explanation');
  });
});

describe('docker inspect', () => {
  const container = (name: string, host: object, more: object = {}): object => ({
    Id: 'f'.repeat(64),
    Name: `/${name}`,
    AppArmorProfile: 'docker-default',
    HostConfig: { CapAdd: null, CapDrop: null, SecurityOpt: null, Privileged: false, ...host },
    ...more,
  });
  const profile = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['chmod', 'fchmodat'], action: 'SCMP_ACT_ERRNO' }],
  };
  const inspect = [
    container('plain', {}),
    container('own', {
      SecurityOpt: [`seccomp=${JSON.stringify(profile)}`, 'no-new-privileges:true'],
      CapAdd: ['SYS_ADMIN'],
      CapDrop: ['MKNOD'],
    }),
    container('open', { SecurityOpt: ['seccomp=unconfined', 'label=disable'] }),
    container('all', { Privileged: true, MaskedPaths: [] }, { AppArmorProfile: 'unconfined' }),
    container('evil\u001b[2J', {}),
  ];

  it('says what confines each container', async () => {
    const path = file('inspect.json', JSON.stringify(inspect, null, 4));
    const { code, out } = await decode(path, '--format', 'json', ...LIKE);
    expect(code).toBe(0);
    const found = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found).toMatchObject([
      {
        name: 'plain',
        seccomp: { kind: 'default', effect: expect.stringMatching(/^\d\d of \d{3} calls are denied/) },
        nearest: 'Docker’s default set of capabilities',
        appArmor: 'docker-default',
        noNewPrivileges: false,
      },
      {
        name: 'own',
        seccomp: { kind: 'profile', effect: expect.stringMatching(/^2 of \d{3} calls are denied/) },
        nearest: 'Docker’s default set of capabilities +SYS_ADMIN -MKNOD',
        noNewPrivileges: true,
      },
      {
        name: 'open',
        seccomp: { kind: 'unconfined', effect: 'no filter: no profile is applied' },
        labels: ['disable'],
      },
      {
        name: 'all',
        privileged: true,
        seccomp: { kind: 'default', effect: expect.stringMatching(/^no filter/) },
        appArmor: 'unconfined',
        maskedPaths: 0,
      },
      { name: expect.stringMatching(/^evil/) },
    ]);
    expect(found[0].context.engine).toEqual({ name: 'docker', version: '28.5.2' });
  });

  it.each([
    ['a list in one line', JSON.stringify(inspect)],
    ['one object', JSON.stringify(inspect[0], null, 2)],
    ['a HostConfig in one line', '{"SecurityOpt":["seccomp=unconfined"],"CapAdd":null}'],
  ])('is known by its beginning: %s', async (_, text) => {
    const { code, out } = await decode(file('some.json', text));
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}seccomp {7}/m);
    expect(out).not.toContain('\u001b');
  });

  it('by name: inspect:FILE', async () => {
    expect(await decode(`inspect:${file('named.json', '{"HostConfig": {}}')}`)).toMatchObject({ code: 0 });
  });

  it('is refused with its place when something is wrong', async () => {
    const { code, err } = await decode(file('broken.json', '[\n  {"Name": 7}\n]'));
    expect(code).toBe(2);
    expect(err).toMatch(/broken\.json:2:/);
  });
});

describe('what is no docker inspect', () => {
  it.each([
    ['a kernel’s log', `[   12.345678] audit: ${audit(165, '0x50000')}\n`],
    ['journald’s JSON', `${JSON.stringify({ MESSAGE: `SECCOMP ${audit(165, '0x50000')}` })}\n`],
  ])('%s', async (_, text) => {
    const { out } = await decode(file('log', text), '--format', 'json');
    expect(JSON.parse(out)).toMatchObject({ kind: 'seccomp', syscall: 'mount' });
  });
});

describeWithOracle(process.platform === 'linux' ? undefined : 'Linux', 'a process and all below it', () => {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) process.kill(-(child.pid ?? 0), 'SIGKILL');
  });

  test('each after its parent, with what confines it', async () => {
    const child = spawn('sh', ['-c', 'sh -c "echo up; sleep 60; true" & wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    children.push(child);
    await once(child.stdout, 'data');
    const { code, out } = await decode(`pid:${child.pid}`, '--format', 'json');
    expect(code).toBe(0);
    const found = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found[0]).toMatchObject({
      kind: 'process',
      pid: child.pid,
      parent: process.pid,
      depth: 0,
      name: 'sh',
    });
    expect(found[1]).toMatchObject({ parent: child.pid, depth: 1, name: 'sh' });
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    expect(found[0].capabilities.effective.mask).toBe(/^CapEff:\s*(\S+)/m.exec(status)?.[1]);
    const human = await decode(`pid:${child.pid}`);
    expect(human.out).toMatch(/^ +PID +UID SECCOMP/);
    expect(human.out).toMatch(new RegExp(`^ *${found[1].pid} .* \\\\_ sh$`, 'm'));
  });

  test.each(['pid:0', 'pid:x', 'pid:99999999999'])('%s is no process', async (word) => {
    expect(await decode(word)).toMatchObject({ code: 2, err: expect.stringMatching(/is no process/) });
  });

  test('a process that is not there', async () => {
    expect(await decode('pid:4194305')).toMatchObject({
      code: 2,
      err: 'callgate: there is no process 4194305 here\n',
    });
  });
});

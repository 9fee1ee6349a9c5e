import { spawn as spawnPlain } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunResult, runCommand } from '../../src/linux/run.js';
import { type FilteredSpawnOptions, spawn } from '../../src/linux/spawn.js';
import type { Denial } from '../../src/linux/supervisor/denial.js';
import type { Action } from '../../src/policy/action.js';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';
import { buildDriver, buildProbe, buildWorker, type Probe } from './build.js';
import type { DriverRequest } from './driver.js';
import { errno, filterOf, I386, type Rule, X86_64 } from './filters.js';

const lacks =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? 'Linux on x86_64, whose numbers the filters have'
    : hasCommand('gcc')
      ? undefined
      : 'gcc, to compile the probe';

const { EPERM, ENOSYS, EDOM } = constants.errno;
const MKDIR = 83;
const PERSONALITY = 135;
const FALLOCATE = 285;
const UNSHARE = 272;
const CLONE_NEWUSER = 0x10000000;
const I386_GETPID = 20;
const X32_GETPID = 0x40000000 + 39;

let probe: Probe | undefined;
let driver = '';
const directory = mkdtempSync(join(tmpdir(), 'callgate-supervisor-test-'));
beforeAll(async () => {
  if (lacks !== undefined) return;
  await buildWorker();
  driver = await buildDriver();
  probe = buildProbe();
});
afterAll(() => {
  probe?.remove();
  rmSync(directory, { recursive: true });
});
const probePath = (): string => probe?.path ?? 'no probe';

/** Runs to the end; stdout is given beside the result. */
async function supervised(
  command: string,
  args: readonly string[],
  options: Partial<FilteredSpawnOptions> & { readonly filter: FilteredSpawnOptions['filter'] },
): Promise<{
  readonly out: string;
  readonly denials: readonly Denial[];
  readonly seen: readonly Denial[];
  readonly code: number | null;
}> {
  const seen: Denial[] = [];
  const child = spawn(command, args, { onDenial: (denial) => seen.push(denial), ...options });
  let out = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  let atExit: readonly Denial[] = [];
  child.on('exit', () => {
    atExit = [...seen];
  });
  const [code] = (await once(child, 'close')) as [number | null];
  // The last state of each kind: its first time tells kinds of one command apart well enough here.
  const last = new Map<string, Denial>();
  for (const denial of atExit) {
    const { time, number, exe, errno: answer, args: registers } = denial;
    last.set([time, number, exe, answer, registers].join(), denial);
  }
  return { out, code, denials: [...last.values()], seen };
}

const deny = (number: number, value: number): Rule => ({ number, action: errno(value) });
const total = (denials: readonly Denial[]): number => denials.reduce((sum, { count }) => sum + count, 0);

interface Driven {
  readonly result: Partial<RunResult> | undefined;
  readonly out: string;
  readonly err: string;
}

/** The driver, in a process of its own. */
function drive(request: DriverRequest, prefix: readonly string[] = []) {
  const line = [...prefix, process.execPath, driver, JSON.stringify(request)];
  const child = spawnPlain(line[0] ?? '', line.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], cwd: '/' });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = once(child, 'close').then((): Driven => {
    const json = err.trim().split('\n').at(-1) ?? '';
    return { result: json.startsWith('{') ? JSON.parse(json) : undefined, out, err };
  });
  return { child, ended, out: () => out };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

describeWithOracle(lacks, 'the supervisor', () => {
  test.each<readonly [string, number, number]>([
    ['EPERM', EPERM, EPERM],
    ['ENOSYS', ENOSYS, ENOSYS],
    ['an errno without a name', 1000, 1000],
    ['0: the call seems to succeed', 0, 0],
    ['more than the kernel takes', 5000, 4095],
  ])('answers %s as the kernel does', async (_, value, expected) => {
    const filter = filterOf([deny(FALLOCATE, value)]);
    const alone = await supervised(probePath(), ['call', String(FALLOCATE)], { filter, onDenial: undefined });
    const { out, denials } = await supervised(probePath(), ['call', String(FALLOCATE)], { filter });
    expect(out).toBe(`${expected}\n`);
    expect(out).toBe(alone.out);
    expect(denials).toMatchObject([{ number: FALLOCATE, errno: expected, count: 1 }]);
  });

  test('reports program, arguments and strings', async () => {
    const filter = filterOf([deny(MKDIR, EPERM)]);
    const path = `/nowhere/${'x'.repeat(300)}`;
    const before = Date.now();
    const { denials, code } = await supervised('mkdir', ['-m', '0700', '/nowhere/é', path], { filter });
    expect(code).toBe(1);
    expect(denials).toMatchObject([
      {
        exe: '/usr/bin/mkdir',
        auditArch: X86_64,
        number: MKDIR,
        errno: EPERM,
        count: 1,
        strings: [{ index: 0, text: '/nowhere/é', truncated: false }],
      },
      { strings: [{ index: 0, text: path.slice(0, 256), truncated: true }] },
    ]);
    expect(denials[0]?.args[1]).toBe(0o700n);
    expect(denials[0]?.pid).toBeGreaterThan(0);
    expect(denials[0]?.time).toBeGreaterThanOrEqual(before);
  });

  test('decides by arguments', async () => {
    const filter = filterOf([
      { number: UNSHARE, action: errno(EDOM), when: { index: 0, value: CLONE_NEWUSER } },
    ]);
    const none = await supervised('unshare', ['true'], { filter });
    expect(none).toMatchObject({ code: 0, denials: [] });
    const one = await supervised('unshare', ['-U', 'true'], { filter });
    expect(one.denials).toMatchObject([{ number: UNSHARE, errno: EDOM, count: 1 }]);
    expect(one.denials[0]?.args[0]).toBe(BigInt(CLONE_NEWUSER));
  });

  test.each<readonly [string, Action]>([
    ['TRAP', { kind: 'trap', data: 0 }],
    ['KILL_THREAD', { kind: 'kill_thread' }],
    ['KILL_PROCESS', { kind: 'kill_process' }],
  ])('leaves %s to the kernel', async (_, action) => {
    const result = await runCommand(probePath(), ['call', String(FALLOCATE)], {
      filter: filterOf([{ number: FALLOCATE, action }]),
      onDenial: () => {},
      stdio: 'ignore',
    });
    expect(result).toMatchObject({ exitCode: 128 + constants.signals.SIGSYS, signal: 'SIGSYS', denials: [] });
  });

  test("gives a filter's own USER_NOTIF the ENOSYS that it gets without a listener", async () => {
    const filter = filterOf([{ number: FALLOCATE, action: { kind: 'notify' } }]);
    expect((await supervised(probePath(), ['call', String(FALLOCATE)], { filter })).out).toBe(`${ENOSYS}\n`);
  });

  test.each<readonly [string, readonly string[], string, number]>([
    ['threads', ['threads', String(FALLOCATE), String(EPERM), '8', '200'], '0\n', 1600],
    ['300 processes', ['forks', String(FALLOCATE), String(EPERM), '300', '5'], '0 of 300\n', 1500],
    ['children of vfork', ['vforks', String(FALLOCATE), String(EPERM), '100'], '0\n', 100],
  ])('answers %s', async (_, args, expected, count) => {
    const { out, denials } = await supervised(probePath(), args, {
      filter: filterOf([deny(FALLOCATE, EPERM)]),
    });
    expect(out).toBe(expected);
    expect(denials).toMatchObject([{ number: FALLOCATE, count }]);
  });

  test('follows a chain of programs', async () => {
    const script = `sh -c "sh -c '${probePath()} call ${FALLOCATE}; mkdir /nowhere/a'"; exec ${probePath()} call ${FALLOCATE}`;
    const { out, denials } = await supervised('sh', ['-c', script], {
      filter: filterOf([deny(FALLOCATE, EDOM), deny(MKDIR, EPERM)]),
    });
    expect(out).toBe(`${EDOM}\n${EDOM}\n`);
    expect(denials.map(({ exe, number }) => [exe, number])).toEqual([
      [probePath(), FALLOCATE],
      ['/usr/bin/mkdir', MKDIR],
    ]);
    expect(total(denials)).toBe(3);
  });

  test('answers 32-bit calls', async () => {
    const native = filterOf([deny(I386_GETPID, EDOM)], { kind: 'allow' }, I386);
    const { out, denials } = await supervised(probePath(), ['int80', String(I386_GETPID), '-1'], {
      filter: native,
    });
    expect(out).toBe(`${-EDOM}\n`);
    expect(denials).toMatchObject([{ auditArch: I386, number: I386_GETPID, errno: EDOM, count: 1 }]);
    expect(denials[0]?.args[0]).toBe(0xffffffffn);
  });

  test('answers calls of x32', async () => {
    const filter = filterOf([deny(X32_GETPID, EDOM)]);
    const { out, denials } = await supervised(probePath(), ['call', String(X32_GETPID)], { filter });
    expect(out).toBe(`${EDOM}\n`);
    expect(denials).toMatchObject([{ auditArch: X86_64, number: X32_GETPID, errno: EDOM, count: 1 }]);
  });

  test('tells kinds apart by integer arguments, and counts repeats', async () => {
    const filter = filterOf([deny(PERSONALITY, EPERM)]);
    const script = 'for i in 1 2 3; do setarch -R true; done; setarch -3 true';
    const { denials } = await supervised('sh', ['-c', `${script} 2>/dev/null`], { filter });
    expect(new Set(denials.map(({ args }) => args[0] ?? 0n)).size).toBe(denials.length);
    expect(denials.length).toBeGreaterThan(1);
    expect(total(denials)).toBeGreaterThan(denials.length);
  });

  test('a signal may interrupt a denied call before it is received; SA_RESTART repeats it', async () => {
    const filter = filterOf([deny(FALLOCATE, EPERM)]);
    const args = [String(FALLOCATE), String(EPERM)];
    const restarted = await supervised(probePath(), ['restarted', ...args], { filter });
    expect(restarted.out).toBe('0 0\n');
    const interrupted = await supervised(probePath(), ['interrupted', ...args], { filter });
    expect(interrupted.out).toMatch(/^\d+ 0\n$/);
  });

  test('reports every denial before the exit event', async () => {
    const filter = filterOf([deny(FALLOCATE, EPERM)]);
    for (let round = 0; round < 20; round++) {
      const { denials } = await supervised(probePath(), ['threads', String(FALLOCATE), '1', '2', '50'], {
        filter,
      });
      expect(total(denials)).toBe(100);
    }
  });

  test('keeps answering processes that the command left behind', async () => {
    const file = join(directory, 'lingering');
    const result = await runCommand(probePath(), ['linger', String(FALLOCATE), file, '300'], {
      filter: filterOf([deny(FALLOCATE, EDOM)]),
      onDenial: () => {},
      stdio: 'ignore',
    });
    expect(result).toMatchObject({ exitCode: 0, denials: [] });
    await until('the process left behind', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
    expect(readFileSync(file, 'utf8')).toBe(String(EDOM));
  });

  describe('started with the first denied call', () => {
    const onDemand = (args: readonly string[], rules: readonly Rule[]) => {
      const options = { filter: filterOf(rules), onDenial: () => {}, stdio: 'ignore' } as const;
      return runCommand(probePath(), args, { ...options, supervisor: 'on demand' });
    };

    test('answers as one that was there before', async () => {
      const rules = [deny(FALLOCATE, EPERM)];
      const { denials, exitCode } = await onDemand(
        ['threads', String(FALLOCATE), String(EPERM), '8', '50'],
        rules,
      );
      expect(exitCode).toBe(0);
      expect(denials).toMatchObject([{ number: FALLOCATE, errno: EPERM, count: 400 }]);
    });

    test('is not started without one', async () => {
      const started: unknown[] = [];
      const listener = (worker: unknown) => started.push(worker);
      process.on('worker', listener);
      const result = await onDemand(['call', String(FALLOCATE)], []);
      process.removeListener('worker', listener);
      expect(result).toMatchObject({ exitCode: 0, denials: [], supervisorLost: false });
      expect(started).toEqual([]);
    });

    test('is not started any more when the command has ended: ENOSYS, never an allow', async () => {
      const file = join(directory, 'settled');
      const result = await onDemand(['linger', String(FALLOCATE), file, '300'], [deny(FALLOCATE, EDOM)]);
      expect(result).toMatchObject({ exitCode: 0, denials: [] });
      await until('the process left behind', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
      expect(readFileSync(file, 'utf8')).toBe(String(ENOSYS));
    });
  });

  test('several commands at once', async () => {
    const all = await Promise.all(
      [11, 12, 13, 14].map(async (value) => {
        const { out } = await supervised(probePath(), ['call', String(FALLOCATE)], {
          filter: filterOf([deny(FALLOCATE, value)]),
        });
        return out.trim();
      }),
    );
    expect(all).toEqual(['11', '12', '13', '14']);
  });

  test('refuses to listen where another one does', async () => {
    const inner = { command: 'true', args: [], rules: [deny(FALLOCATE, EPERM)], supervise: true };
    const { result, out, err } = await drive({
      command: process.execPath,
      args: [driver, JSON.stringify(inner satisfies DriverRequest)],
      rules: [deny(FALLOCATE, EPERM)],
      supervise: true,
    }).ended;
    expect(out).toBe('');
    expect(result?.exitCode).toBe(125);
    expect(err).toContain('failed at seccomp(SECCOMP_SET_MODE_FILTER): EBUSY');
  });
});

describeWithOracle(
  lacks ?? (isRoot ? undefined : 'root, for userfaultfd'),
  'a command that makes the supervisor wait for ever',
  () => {
    test('does not keep callgate from ending with the exit code', async () => {
      const { child, ended } = drive({
        command: probePath(),
        args: ['stuck', String(MKDIR)],
        rules: [deny(MKDIR, EDOM)],
        supervise: true,
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      expect(code).toBe(7);
      child.stdout.destroy();
      child.stderr.destroy();
      await ended;
    });
  },
);

describeWithOracle(lacks, 'a supervisor that dies', () => {
  const request = (more: Partial<DriverRequest> = {}): DriverRequest => ({
    command: probePath(),
    args: ['repeat', String(FALLOCATE)],
    rules: [deny(FALLOCATE, EDOM)],
    supervise: true,
    ...more,
  });

  test('with its process leaves ENOSYS, never an allow', async () => {
    const { child, out, ended } = drive(request());
    await until('the first answer', () => out() === `${EDOM}\n`);
    child.kill('SIGKILL');
    await until('the answer after the death', () => out() !== `${EDOM}\n`);
    await sleep(100);
    // The probe lives on, an orphan: its pipe is closed, so that it ends.
    child.stdout.destroy();
    child.stderr.destroy();
    await ended;
    expect(out()).toBe(`${EDOM}\n${ENOSYS}\n`);
  });

  test('with its thread leaves ENOSYS, and says so', async () => {
    const { child, out, ended } = drive(request({ terminateWorker: true }));
    await until('the answer after the death', () => out() === `${EDOM}\n${ENOSYS}\n`);
    child.kill('SIGTERM');
    const { result, err } = await ended;
    expect(result).toMatchObject({ exitCode: 143, supervisorLost: true });
    expect(err).toContain('the supervisor of denied calls has died');
  });
});

describeWithOracle(
  lacks ?? (isRoot ? (hasCommand('setpriv') ? undefined : 'setpriv') : undefined),
  'without privileges',
  () => {
    const prefix = isRoot ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'] : [];
    const request = (more: Partial<DriverRequest>): DriverRequest => ({
      command: probePath(),
      args: ['call', String(FALLOCATE)],
      rules: [deny(FALLOCATE, EDOM)],
      supervise: false,
      ...more,
    });

    test.each([false, true])('the filter holds, with no_new_privs (supervised: %s)', async (supervise) => {
      const { result, out } = await drive(request({ supervise }), prefix).ended;
      expect(out).toBe(`${EDOM}\n`);
      expect(result).toMatchObject({ exitCode: 0, noNewPrivileges: true, supervisorLost: false });
      expect(result?.denials?.map(({ number, count }) => [number, count])).toEqual(
        supervise ? [[FALLOCATE, 1]] : [],
      );
    });

    test('strings are read', async () => {
      const { result } = await drive(
        request({ command: 'mkdir', args: ['/nowhere/a'], rules: [deny(MKDIR, EDOM)], supervise: true }),
        prefix,
      ).ended;
      expect(result?.denials).toMatchObject([{ exe: '/usr/bin/mkdir', strings: [{ text: '/nowhere/a' }] }]);
    });

    test('capabilities are none, whatever was asked for', async () => {
      const { result, out } = await drive(
        request({
          command: 'grep',
          args: ['-E', 'CapPrm|CapEff|NoNewPrivs', '/proc/self/status'],
          options: { capabilities: ['CAP_CHOWN'] },
        }),
        prefix,
      ).ended;
      expect(out).toBe('CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n');
      expect(result?.exitCode).toBe(0);
    });

    test('to do without no_new_privs is refused', async () => {
      const { result, err } = await drive(request({ options: { noNewPrivileges: false } }), prefix).ended;
      expect(result).toBeUndefined();
      expect(err).toContain('needs CAP_SYS_ADMIN');
    });
  },
);

describeWithOracle(
  lacks ?? (hasCommand('script') ? undefined : 'script(1) (Debian: bsdutils)'),
  'on a terminal',
  () => {
    const onTerminal = (request: DriverRequest) => {
      const quoted = [process.execPath, driver, JSON.stringify(request)].map(
        (word) => `'${word.replaceAll("'", `'\\''`)}'`,
      );
      // script(1) starts a shell, which must not stay in the terminal's foreground group to be ended by Ctrl-C itself.
      const child = spawnPlain('script', ['-qec', `exec ${quoted.join(' ')}`, '/dev/null'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      return { child, out: () => out, ended: once(child, 'close').then(([code]) => code as number) };
    };

    test.each([false, true])('the command has it (supervised: %s)', async (supervise) => {
      const run = onTerminal({
        command: 'sh',
        args: ['-c', 'test -t 0 && test -t 1 && tty'],
        rules: [],
        supervise,
      });
      expect(await run.ended).toBe(0);
      expect(run.out()).toContain('/dev/pts/');
    });

    test.each([false, true])('Ctrl-C reaches the command once (supervised: %s)', async (supervise) => {
      const script =
        'trap "n=$((n + 1))" INT; echo ready; i=0; while [ $i -lt 40 ]; do sleep 0.02; i=$((i + 1)); done; echo "got $n"; exit 5';
      const run = onTerminal({ command: 'sh', args: ['-c', script], rules: [], supervise });
      await until('the command', () => run.out().includes('ready'));
      run.child.stdin.write('\x03');
      expect(await run.ended).toBe(5);
      expect(run.out()).toContain('got 1');
    });
  },
);

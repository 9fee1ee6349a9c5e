import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ebpfRecorder } from '../../src/linux/record/ebpfRecorder.js';
import {
  type RecordOptions,
  type RecordResult,
  recordCommand,
} from '../../src/linux/record/recordCommand.js';
import { spawn } from '../../src/linux/spawn.js';
import type { RecordedCall } from '../../src/record/recording.js';
import { syscallNumber, syscallsOf } from '../../src/syscalls/table.js';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';
import { buildProbe, buildRecordDriver, type Probe } from './build.js';
import { errno, filterOf } from './filters.js';
import type { RecordDriven } from './recordDriver.js';

const lacks =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? 'Linux on x86_64'
    : (['gcc', 'strace', 'setpriv'].find((command) => !hasCommand(command)) ??
      (isRoot ? undefined : 'root, for the recorder in the kernel'));

const FALLOCATE = 285;
const PRCTL = 157;
const I386_GETPID = 20;
const X32_GETPID = 0x40000000 + 39;

let probe: Probe | undefined;
let driver = '';
const directory = mkdtempSync(join(tmpdir(), 'callgate-record-test-'));
beforeAll(async () => {
  if (lacks !== undefined) return;
  probe = buildProbe();
  driver = await buildRecordDriver();
});
afterAll(() => {
  probe?.remove();
  rmSync(directory, { recursive: true });
});
const probePath = (): string => probe?.path ?? 'no probe';

const names = new Map(syscallsOf('x86_64').map(({ number, name }) => [number, name]));
const nameOf = ({ abi, number }: RecordedCall): string =>
  abi === 'x86_64' ? (names.get(number) ?? String(number)) : `${abi} ${number}`;
const called = ({ recording }: RecordResult): string[] => recording.calls.map(nameOf).sort();
const find = ({ recording }: RecordResult, name: string): RecordedCall | undefined =>
  recording.calls.find((call) => nameOf(call) === name);

/** The calls that strace sees. */
function straced(line: readonly string[]): string[] {
  const log = join(directory, 'strace');
  execFileSync('strace', ['-f', '-qq', '-o', log, ...line], { stdio: 'ignore' });
  const seen = [...readFileSync(log, 'utf8').matchAll(/^\d+ +(?:<\.\.\. )?(\w+)[( ]/gm)];
  return [...new Set(seen.map(([, name = '']) => name))].sort();
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Processes whose file was this, though it is gone by now. */
const recorders = (): number[] =>
  readdirSync('/proc').flatMap((entry) => {
    try {
      const [name] = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      const parent = / (\d+) /.exec(readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) ./s, ''))?.[1];
      return name === 'callgate-recorder' && Number(parent) === process.pid ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });

const ARGUMENTS = new Map([['socket', [0, 1]]]);

for (const recorder of ['user-notification', 'ebpf'] as const) {
  const run = (line: readonly string[], options: RecordOptions = {}): Promise<RecordResult> =>
    recordCommand(line[0] ?? '', line.slice(1), { recorder, stdio: 'ignore', ...options });

  describeWithOracle(lacks, `the recorder by ${recorder}`, () => {
    test.each([
      [['true']],
      [['ls', '-lR', '/etc/apt']],
      [['sh', '-c', 'ls / | sort | head -n 3; (cd /; pwd); exec cat /etc/hostname']],
      [['tar', 'cf', '/dev/null', '/etc/apt']],
      [['sh', '-c', 'mkdir /nowhere/a; chown 0 /nowhere/b; unshare -m true']],
    ])('sees what strace sees: %j', async (line) => {
      const result = await run(line);
      expect(called(result)).toEqual(straced(line));
      expect(result).toMatchObject({
        recording: { recorder, lost: 0 },
        leftBehind: false,
        recorderLost: false,
      });
    });

    test('gives the exit code, and counts', async () => {
      const result = await run(['sh', '-c', 'kill -TERM $$']);
      expect(result).toMatchObject({ exitCode: 128 + constants.signals.SIGTERM, signal: 'SIGTERM' });
      expect(find(result, 'execve')?.count).toBe(1);
    });

    test.each([
      ['threads', 8, 200, 1600],
      ['forks', 300, 5, 1500],
    ])('follows %s', async (kind, tasks, rounds, count) => {
      const line = [probePath(), kind, String(FALLOCATE), '0', String(tasks), String(rounds)];
      const result = await run(line);
      expect(find(result, 'fallocate')?.count).toBe(count);
      expect(result.recording.lost).toBe(0);
    });

    test('sees 32-bit calls, and numbers of x32 and of nothing', async () => {
      const compat = await run([probePath(), 'int80', String(I386_GETPID), '0']);
      expect(find(compat, `x86 ${I386_GETPID}`)?.count).toBe(1);
      expect(find(await run([probePath(), 'call', String(X32_GETPID)]), `x32 ${X32_GETPID}`)?.count).toBe(1);
      expect(find(await run([probePath(), 'call', '1023']), '1023')?.count).toBe(1);
    });

    test('records values of arguments together', async () => {
      const result = await run([probePath(), 'sockets', '2'], { argumentsOf: ARGUMENTS });
      const rows = [...(find(result, 'socket')?.args ?? [])].sort((a, b) => a.count - b.count);
      expect(rows).toEqual([
        { values: { 0: 1n, 1: 1n }, count: 1 },
        { values: { 0: 2n, 1: 2n }, count: 2 },
      ]);
      expect(find(result, 'execve')).not.toHaveProperty('args');
    });

    test('says when values are too many', async () => {
      const result = await run([probePath(), 'values', String(PRCTL), '20000'], {
        argumentsOf: new Map([['prctl', [0]]]),
      });
      const call = find(result, 'prctl');
      expect(call?.count).toBeGreaterThanOrEqual(20_000);
      expect(call?.argsIncomplete).toBe(true);
      expect(call?.args?.length).toBeGreaterThan(1000);
    });

    test('records arguments of 32-bit calls', async () => {
      const personality = syscallNumber('personality', 'x86');
      const result = await run([probePath(), 'int80', String(personality), '-1'], {
        argumentsOf: new Map([['personality', [0]]]),
      });
      expect(find(result, `x86 ${personality}`)?.args).toEqual([{ values: { 0: 0xffffffffn }, count: 1 }]);
    });

    test('reports a command that is not there', async () => {
      const result = await run(['/nowhere/command']);
      expect(result).toMatchObject({ exitCode: 127, leftBehind: false });
      expect(result.error?.message).toContain('ENOENT');
    });

    test('keeps what it has when it is aborted', async () => {
      const stop = new AbortController();
      let seen = 0;
      const onProgress = (calls: number): void => {
        seen = calls;
        if (calls > 20) stop.abort();
      };
      const result = await run(['sleep', '600'], { signal: stop.signal, onProgress });
      expect(result.signal).toBe('SIGTERM');
      expect(called(result)).toContain('clock_nanosleep');
      expect(seen).toBeGreaterThan(20);
    });

    test('says that a process was left behind, which goes on', async () => {
      const file = join(directory, `left-${recorder}`);
      const result = await run([probePath(), 'linger', String(FALLOCATE), file, '1500']);
      expect(result.leftBehind).toBe(true);
      await until('the process left behind', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
      expect(readFileSync(file, 'utf8')).toBe(String(constants.errno.EBADF));
    });

    test('a command may be killed in a call', async () => {
      for (let round = 0; round < 5; round++) {
        const result = await run(['sh', '-c', `${probePath()} repeat 39 & sleep 0.05; kill -KILL $!; wait`]);
        expect(result.exitCode).toBe(0);
        expect(called(result)).toContain('kill');
      }
    });

    test('leaves no fd and no process', async () => {
      const fds = (): string[] =>
        readdirSync('/proc/self/fd').filter((fd) => kindOf(fd).startsWith('anon_inode:'));
      await run(['true']);
      const before = fds().length;
      for (let round = 0; round < 5; round++) await run(['true']);
      expect(fds().length).toBeLessThanOrEqual(before);
      expect(recorders()).toEqual([]);
    });
  });
}

function kindOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

describeWithOracle(lacks, 'where there is a filter already', () => {
  const FILTER = filterOf([{ number: FALLOCATE, action: errno(constants.errno.EDOM) }]);

  async function under(recorder: string): Promise<RecordDriven> {
    const child = spawn(process.execPath, [driver, recorder, probePath(), 'call', String(FALLOCATE)], {
      filter: FILTER,
    });
    let out = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve));
    return JSON.parse(out);
  }

  test('eBPF sees the calls that it denies', async () => {
    expect((await under('ebpf')).calls).toContainEqual(['x86_64', FALLOCATE, 1]);
  });

  test('user notification does not: the stricter verdict wins', async () => {
    const { calls } = await under('user-notification');
    expect(calls.map(([, number]) => number)).not.toContain(FALLOCATE);
    expect(calls.length).toBeGreaterThan(5);
  });
});

describeWithOracle(lacks, 'the choice of the recorder', () => {
  test('is eBPF as root', async () => {
    ebpfRecorder([]).close();
    const result = await recordCommand('true', [], { stdio: 'ignore' });
    expect(result).toMatchObject({ recording: { recorder: 'ebpf' }, notEbpf: undefined });
  });

  test('is user notification without privileges, with the reason and no_new_privs', () => {
    const line = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--', process.execPath, driver];
    const said = execFileSync('setpriv', [...line, 'auto', 'grep', 'NoNewPrivs:.1', '/proc/self/status'], {
      encoding: 'utf8',
      cwd: '/',
    });
    expect(JSON.parse(said)).toMatchObject({
      exitCode: 0,
      recorder: 'user-notification',
      notEbpf: expect.stringMatching(/bpf\(BPF_MAP_CREATE\): EPERM/),
    });
  });
});

describeWithOracle(lacks, 'a recorder that is killed', () => {
  test('ends the command, and says so', async () => {
    let seen = 0;
    const running = recordCommand(probePath(), ['repeat', '39'], {
      recorder: 'user-notification',
      stdio: 'ignore',
      onProgress: (calls) => {
        seen = calls;
      },
    });
    await until('its first calls', () => seen > 0);
    for (const pid of recorders()) process.kill(pid, 'SIGKILL');
    const result = await running;
    expect(result).toMatchObject({ recorderLost: true });
    // Every call got ENOSYS, _exit(2) too.
    expect(['SIGKILL', 'SIGSEGV']).toContain(result.signal);
    expect(called(result)).toContain('execve');
  });
});

import { type ChildProcess, type StdioOptions, spawn as spawnPlain } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CallgateError } from '../../src/error.js';
import { fromMask, parseCapabilities, toMask } from '../../src/linux/capabilities.js';
import type { LaunchFailure } from '../../src/linux/launchFailure.js';
import { runCommand } from '../../src/linux/run.js';
import { type FilteredSpawnOptions, spawn } from '../../src/linux/spawn.js';
import { describeWithOracle, isRoot } from '../oracle.js';
import { buildWorker } from './build.js';
import { errno, filterOf } from './filters.js';

const lacks =
  process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : 'Linux on x86_64, whose numbers the filters have';

const MKDIR = 83;
const WRITE = 1;
const EXECVE = 59;
const EXIT = 60;
const EXIT_GROUP = 231;
const denyMkdir = filterOf([{ number: MKDIR, action: errno(constants.errno.EDOM) }]);

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  readonly error: unknown;
}

function ended(child: ChildProcess): Promise<Ended> {
  let out = '';
  let err = '';
  let error: unknown;
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  child.on('error', (reason) => {
    error = reason;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err, error }));
  });
}

const run = (
  command: string,
  args: readonly string[],
  options: Partial<FilteredSpawnOptions> = {},
): Promise<Ended> => ended(spawn(command, args, { filter: denyMkdir, ...options }));

const directory = mkdtempSync(join(realpathSync(tmpdir()), 'callgate-spawn-test-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'no-magic'), 'echo hello\n', { mode: 0o755 });
writeFileSync(join(directory, 'no-interpreter'), `#!${join(directory, 'absent')}\n`, { mode: 0o755 });
writeFileSync(join(directory, 'script'), '#!/bin/sh\necho "$0 $1"\n', { mode: 0o755 });
writeFileSync(join(directory, 'plain'), '#!/bin/sh\n', { mode: 0o644 });

// Every case runs twice: the kernel alone, and under the supervisor.
const modes: readonly (readonly [string, Partial<FilteredSpawnOptions>])[] = [
  ['without a supervisor', {}],
  ['with a supervisor', { onDenial: () => {} }],
];

describeWithOracle(lacks, 'a command under a filter', () => {
  beforeAll(buildWorker);

  describe.each(modes)('%s', (_, mode) => {
    test('gets the errno of the filter', async () => {
      const result = await run('mkdir', ['/tmp/x'], { ...mode, env: { ...process.env, LC_ALL: 'C' } });
      expect(result).toMatchObject({ code: 1, signal: null, error: undefined });
      expect(result.err).toContain('Numerical argument out of domain');
    });

    test.each<readonly [string, string, readonly string[], Partial<FilteredSpawnOptions>, Partial<Ended>]>([
      ['exit code', 'sh', ['-c', 'exit 42'], {}, { code: 42, signal: null }],
      ['signal', 'sh', ['-c', 'kill -TERM $$'], {}, { code: null, signal: 'SIGTERM' }],
      ['stdout', 'echo', ['a', '', 'b c'], {}, { code: 0, out: 'a  b c\n' }],
      ['env', 'sh', ['-c', 'echo $ONE'], { env: { ONE: '1', PATH: '/bin' } }, { out: '1\n' }],
      ['cwd', 'pwd', [], { cwd: directory }, { out: `${directory}\n` }],
      ['relative command and cwd', './script', ['x'], { cwd: directory }, { out: './script x\n' }],
      ['argv0', 'sh', ['-c', 'echo $0'], { argv0: 'other' }, { out: 'other\n' }],
      ['shell', 'echo $((1 + 1)) && exit 3', [], { shell: true }, { code: 3, out: '2\n' }],
      ['PATH of its own', 'script', ['y'], { env: { PATH: directory } }, { out: `${directory}/script y\n` }],
      ['closed stdin', 'cat', [], { stdio: ['ignore', 'pipe', 'pipe'] }, { code: 0, out: '' }],
    ])('has the %s of a plain child', async (__, command, args, options, expected) => {
      const result = await run(command, args, { ...mode, ...options });
      expect(result).toMatchObject({ error: undefined, ...expected });
    });

    test.each<readonly [StdioOptions]>([[['pipe', 'pipe', 'pipe']], [['pipe', 'pipe', 'pipe', 'pipe']]])(
      'has the fds of a plain child and no more: %j',
      async (stdio) => {
        const args = ['-c', 'ls /proc/self/fd'];
        const plain = await ended(spawnPlain('sh', args, { stdio }));
        expect((await run('sh', args, { ...mode, stdio })).out).toBe(plain.out);
      },
    );

    test('is the process that was started, and shows the caller the streams it asked for', async () => {
      const child = spawn('sh', ['-c', 'echo $$'], { ...mode, filter: denyMkdir });
      expect(child.stdio).toHaveLength(3);
      expect(child.spawnargs).toEqual(['sh', '-c', 'echo $$']);
      expect((await ended(child)).out).toBe(`${child.pid}\n`);
    });

    test('takes messages over an IPC channel', async () => {
      const program = 'process.on("message", (m) => { process.send(m + 1); process.disconnect(); })';
      const child = spawn(process.execPath, ['-e', program], {
        ...mode,
        filter: denyMkdir,
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      });
      const answer = new Promise((resolve) => child.on('message', resolve));
      child.send(41);
      expect(await answer).toBe(42);
      expect(await ended(child)).toMatchObject({ code: 0 });
    });

    test('is killed by kill()', async () => {
      const child = spawn('sleep', ['100'], { ...mode, filter: denyMkdir });
      setTimeout(() => child.kill(), 50);
      expect(await ended(child)).toMatchObject({ signal: 'SIGTERM' });
    });

    test.each<readonly [string, string, string, number]>([
      ['is not there', 'absent-command', 'ENOENT', 127],
      ['is not there, by path', '/absent/command', 'ENOENT', 127],
      ['is a directory', '/tmp', 'EACCES', 126],
      ['may not be executed', join(directory, 'plain'), 'EACCES', 126],
      ['has no magic number', join(directory, 'no-magic'), 'ENOEXEC', 126],
      ['names an interpreter that is not there', join(directory, 'no-interpreter'), 'ENOENT', 127],
    ])('that %s is an error', async (__, command, code, exitCode) => {
      // A directory of PATH that may not be read would make it EACCES, as in execvp(3).
      const env = { ...process.env, PATH: '/usr/bin:/bin' };
      const { error, ...result } = await run(command, [], { ...mode, env });
      expect(result.code).toBe(exitCode);
      expect(error).toBeInstanceOf(CallgateError);
      expect((error as CallgateError).message).toBe(`cannot execute ${command}: ${code}`);
      expect((error as CallgateError).cause as LaunchFailure).toMatchObject({
        step: 'execve',
        code,
        exitCode,
      });
    });

    test('that the filter does not let start is an error', async () => {
      const filter = filterOf([{ number: EXECVE, action: errno(constants.errno.EPERM) }]);
      const { error, code } = await run('true', [], { ...mode, filter });
      expect(code).toBe(126);
      expect((error as CallgateError).cause).toMatchObject({ step: 'execve', code: 'EPERM' });
      expect((error as CallgateError).hint).toContain('deny execve');
    });

    test('starts under a filter that denies everything but execve, so that nothing of ours is needed after it', async () => {
      // The dynamic linker's own calls all fail: it says so by exit code 127.
      const filter = filterOf([{ number: EXECVE, action: { kind: 'allow' } }], errno(1));
      const result = await run('/bin/true', [], { ...mode, filter });
      expect(result.error).toBeUndefined();
      expect([127, null]).toContain(result.code);
    });

    test('that is not there still ends under a filter that denies every exit', async () => {
      const filter = filterOf([WRITE, EXIT, EXIT_GROUP].map((number) => ({ number, action: errno(1) })));
      const result = await run('absent-command', [], { ...mode, filter });
      expect(result.signal).toBe('SIGILL');
    });

    test('that is killed by the filter dies of SIGSYS', async () => {
      const filter = filterOf([{ number: MKDIR, action: { kind: 'kill_process' } }]);
      expect(await run('mkdir', ['/tmp/x'], { ...mode, filter })).toMatchObject({
        signal: 'SIGSYS',
        error: undefined,
      });
    });

    test('does not start when a step of the launcher fails', async () => {
      const { error, code } = await run('true', [], { ...mode, uid: 2 ** 32 - 1 });
      expect(code).toBe(125);
      expect((error as CallgateError).message).toMatch(/^the launcher of true failed at set/);
      expect((error as CallgateError).cause as LaunchFailure).toMatchObject({ exitCode: 125 });
    });

    test('leaves no file behind', async () => {
      const temporary = { ...process.env };
      process.env['XDG_RUNTIME_DIR'] = directory;
      try {
        await run('true', [], mode);
        await run('absent-command', [], mode);
      } finally {
        process.env['XDG_RUNTIME_DIR'] = temporary['XDG_RUNTIME_DIR'] ?? '';
      }
      expect(readdirSync(directory).filter((name) => name.startsWith('callgate-'))).toEqual([]);
    });
  });

  test('a filter that the kernel would refuse is refused before anything starts', () => {
    expect(() => spawn('true', [], { filter: [] })).toThrow('the program is empty');
    expect(() => spawn('true', [], { filter: new Uint8Array(7) })).toThrow('ends inside an instruction');
  });

  test('a 126 that the command itself gives is no error', async () => {
    expect(await runCommand('sh', ['-c', 'exit 126'], { filter: denyMkdir, stdio: 'ignore' })).toMatchObject({
      exitCode: 126,
      error: undefined,
    });
  });

  test.each([
    ['exit 7', 7, undefined],
    ['kill -KILL $$', 137, 'SIGKILL'],
    ['kill -SYS $$', 159, 'SIGSYS'],
  ])('runCommand: "%s" is %i', async (script, exitCode, signal) => {
    expect(await runCommand('sh', ['-c', script], { filter: denyMkdir, stdio: 'ignore' })).toMatchObject({
      exitCode,
      signal,
    });
  });

  test('runCommand passes signals on', async () => {
    const script = 'trap "exit 9" USR2; kill -USR2 $PPID; while :; do sleep 0.02; done';
    expect(await runCommand('sh', ['-c', script], { filter: denyMkdir, stdio: 'ignore' })).toMatchObject({
      exitCode: 9,
    });
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });
});

describeWithOracle(lacks ?? (isRoot ? undefined : 'root'), 'a command started as root', () => {
  beforeAll(buildWorker);

  const docker = [
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_FSETID',
    'CAP_FOWNER',
    'CAP_MKNOD',
    'CAP_NET_RAW',
    'CAP_SETGID',
    'CAP_SETUID',
    'CAP_SETFCAP',
    'CAP_SETPCAP',
    'CAP_NET_BIND_SERVICE',
    'CAP_SYS_CHROOT',
    'CAP_KILL',
    'CAP_AUDIT_WRITE',
  ];

  async function status(options: Partial<FilteredSpawnOptions>): Promise<string> {
    const { out, error } = await run('cat', ['/proc/self/status'], options);
    expect(error).toBeUndefined();
    return out;
  }
  const field = (text: string, name: string): string | undefined =>
    new RegExp(`^${name}:[^\\S\\n]*(.*)$`, 'm').exec(text)?.[1];

  describe.each(modes)('%s', (_, mode) => {
    test("has Docker's capabilities, and the filter without no_new_privs", async () => {
      const text = await status({ ...mode, capabilities: docker });
      const { bounding, permitted, effective, inheritable, ambient } = parseCapabilities(text);
      const wanted = toMask(docker);
      expect({ bounding, permitted, effective, inheritable, ambient }).toEqual({
        bounding: wanted,
        permitted: wanted,
        effective: wanted,
        inheritable: 0n,
        ambient: 0n,
      });
      expect(field(text, 'NoNewPrivs')).toBe('0');
      expect(field(text, 'Seccomp')).toBe('2');
    });

    test('has none when none are given', async () => {
      const { bounding, permitted } = parseCapabilities(await status({ ...mode, capabilities: [] }));
      expect([fromMask(bounding), fromMask(permitted)]).toEqual([[], []]);
    });

    test('as another user has none but in its bounding set', async () => {
      const text = await status({ ...mode, capabilities: docker, uid: 65534, gid: 65533 });
      const { bounding, permitted, effective, ambient } = parseCapabilities(text);
      expect({ bounding, permitted, effective, ambient }).toEqual({
        bounding: toMask(docker),
        permitted: 0n,
        effective: 0n,
        ambient: 0n,
      });
      expect(field(text, 'Uid')).toBe('65534\t65534\t65534\t65534');
      expect(field(text, 'Gid')).toBe('65533\t65533\t65533\t65533');
      expect(field(text, 'Groups')?.trim()).toBe('');
      expect(field(text, 'NoNewPrivs')).toBe('0');
      expect(field(text, 'Seccomp')).toBe('2');
    });

    test('as another user gets the errno of the filter', async () => {
      const result = await run('mkdir', ['/tmp/x'], {
        ...mode,
        uid: 65534,
        env: { ...process.env, LC_ALL: 'C' },
      });
      expect(result.err).toContain('Numerical argument out of domain');
    });

    test('has no_new_privs when asked for', async () => {
      expect(field(await status({ ...mode, noNewPrivileges: true }), 'NoNewPrivs')).toBe('1');
    });
  });
});

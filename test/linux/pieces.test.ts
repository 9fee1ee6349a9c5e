import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { OP } from '../../src/bpf/instruction.js';
import { writeLauncher } from '../../src/linux/launcherFile.js';
import { hostMachine } from '../../src/linux/machine.js';
import { resolveCommand } from '../../src/linux/resolveCommand.js';
import { argumentShapes } from '../../src/linux/supervisor/argumentShapes.js';
import { denialLog, type Event } from '../../src/linux/supervisor/denialLog.js';
import { repeatedCalls } from '../../src/linux/supervisor/repeatedCalls.js';
import { supervisedFilter } from '../../src/linux/supervisor/supervisedFilter.js';
import { type Action, RET, toReturnValue } from '../../src/policy/action.js';
import { describeWithOracle, isRoot } from '../oracle.js';
import { X86_64 } from './filters.js';

const directory = mkdtempSync(join(tmpdir(), 'callgate-pieces-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('a command’s file', () => {
  const at = (name: string): string => join(directory, name);
  mkdirSync(at('a/folder'), { recursive: true });
  mkdirSync(at('b'));
  writeFileSync(at('a/plain'), '', { mode: 0o644 });
  writeFileSync(at('b/plain'), '', { mode: 0o755 });
  writeFileSync(at('b/folder'), '', { mode: 0o755 });
  writeFileSync(at('b/first'), '', { mode: 0o755 });
  writeFileSync(at('a/only'), '', { mode: 0o644 });
  const path = `${at('a')}:${at('b')}`;
  test.each([
    ['first', path, '/', at('b/first')],
    ['plain', path, '/', at('b/plain')],
    ['folder', path, '/', at('b/folder')],
    ['only', path, '/', at('a/only')],
    ['absent', path, '/', '/nonexistent/absent'],
    ['./first', path, '/', './first'],
    ['first', '', at('b'), at('b/first')],
    ['first', 'b', directory, at('b/first')],
    ['sh', undefined, '/', '/bin/sh'],
  ])('%s in PATH=%s from %s is %s', (command, search, cwd, expected) => {
    expect(resolveCommand(command, search, cwd)).toBe(expected);
  });
});

describe('the launcher’s file', () => {
  const image = new TextEncoder().encode('#!/bin/sh\nexit 5\n');

  test('is private and goes away', () => {
    const file = writeLauncher(image, [directory]);
    expect(statSync(file.path).mode & 0o7777).toBe(0o700);
    expect(statSync(dirname(file.path)).mode & 0o7777).toBe(0o700);
    expect(spawnSync(file.path).status).toBe(5);
    file.remove();
    expect(() => statSync(dirname(file.path))).toThrow('ENOENT');
  });

  test('can be executed whatever the umask is', () => {
    const before = process.umask(0o777);
    try {
      const file = writeLauncher(image, [directory]);
      expect(statSync(file.path).mode & 0o7777).toBe(0o700);
      file.remove();
    } finally {
      process.umask(before);
    }
  });

  test('is in memory when no directory will do', () => {
    const file = writeLauncher(image, ['/proc', join(directory, 'absent')]);
    expect(file.path).toMatch(/^\/proc\/self\/fd\/\d+$/);
    expect(statSync(file.path).size).toBe(image.length);
    file.remove();
    expect(() => statSync(file.path)).toThrow('ENOENT');
  });

  describeWithOracle(
    isRoot ? undefined : 'root, to mount a file system',
    'on a file system mounted noexec',
    () => {
      test('is written to the next one', () => {
        const mounted = join(directory, 'noexec');
        mkdirSync(mounted);
        expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'noexec', 'none', mounted]).status).toBe(0);
        try {
          const file = writeLauncher(image, [mounted, directory]);
          expect(dirname(dirname(file.path))).toBe(directory);
          file.remove();
        } finally {
          spawnSync('umount', [mounted]);
        }
      });
    },
  );
});

describe('a supervised filter', () => {
  const ret = (action: Action) => ({ code: OP.ret, jt: 0, jf: 0, k: toReturnValue(action) });
  test.each<readonly [Action, number]>([
    [{ kind: 'errno', errno: 1 }, RET.notify],
    [{ kind: 'errno', errno: 0 }, RET.notify],
    [{ kind: 'allow' }, RET.allow],
    [{ kind: 'log' }, RET.log],
    [{ kind: 'trap', data: 3 }, RET.trap | 3],
    [{ kind: 'trace', data: 3 }, RET.trace | 3],
    [{ kind: 'kill_thread' }, RET.kill_thread],
    [{ kind: 'kill_process' }, RET.kill_process],
    [{ kind: 'notify' }, RET.notify],
  ])('makes of %o the return %i', (action, expected) => {
    expect(supervisedFilter([ret(action)])).toEqual([{ code: OP.ret, jt: 0, jf: 0, k: expected }]);
  });

  test('changes no constant that is not returned', () => {
    const load = { code: OP.ld_imm, jt: 0, jf: 0, k: toReturnValue({ kind: 'errno', errno: 1 }) };
    const program = [load, { code: OP.ret_a, jt: 0, jf: 0, k: 0 }];
    expect(supervisedFilter(program)).toEqual(program);
  });
});

describe('the log of denials', () => {
  const event = (more: Partial<Event> = {}): Event => ({
    time: 1,
    pid: 2,
    exe: '/bin/x',
    auditArch: X86_64,
    number: 41,
    args: [1n, 2n, 3n, 4n, 5n, 6n],
    strings: [],
    errno: 1,
    ...more,
  });

  test.each<readonly [string, string | undefined, Partial<Event>, boolean]>([
    ['the same call', 'iii', {}, true],
    ['another time and thread', 'iii', { time: 9, pid: 9 }, true],
    ['another integer', 'iii', { args: [7n, 2n, 3n] }, false],
    ['another upper half of an int', 'iii', { args: [1n | (1n << 40n), 2n, 3n] }, true],
    ['another upper half of a long', 'lii', { args: [1n | (1n << 40n), 2n, 3n] }, false],
    ['another pointer', 'pii', { args: [7n, 2n, 3n] }, true],
    ['another unused register', 'iii', { args: [1n, 2n, 3n, 9n, 9n, 9n] }, true],
    ['other arguments of an unknown call', undefined, { args: [] }, true],
    ['another string', 's', { strings: [{ index: 0, text: '/a', truncated: false }] }, false],
    ['another program', 'iii', { exe: '/bin/y' }, false],
    ['another errno', 'iii', { errno: 2 }, false],
    ['another ABI', 'iii', { auditArch: 1 }, false],
  ])('%s (shape %s)', (_, shape, more, same) => {
    const log = denialLog();
    log.add(event(), shape);
    log.add(event(more), shape);
    expect(log.takeBatch().denials.map(([, { count }]) => count)).toEqual(same ? [2] : [1, 1]);
  });

  test('gives only what has changed, with whole counts', () => {
    const log = denialLog();
    log.add(event(), 'iii');
    log.add(event({ number: 42 }), 'iii');
    expect(log.takeBatch().denials.map(([key]) => key)).toEqual([0, 1]);
    expect(log.hasChanges()).toBe(false);
    log.add(event({ number: 42, time: 5 }), 'iii');
    expect(log.takeBatch().denials).toMatchObject([[1, { number: 42, time: 1, lastTime: 5, count: 2 }]]);
  });

  test('keeps no more kinds than it may', () => {
    const log = denialLog(3);
    for (let number = 0; number < 10; number++) log.add(event({ number }), '');
    log.add(event({ number: 0 }), '');
    const batch = log.takeBatch();
    expect(batch.unlisted).toBe(7);
    expect(batch.denials.map(([, { number, count }]) => [number, count])).toEqual([
      [0, 2],
      [1, 1],
      [2, 1],
    ]);
  });
});

describe('a call that was seen before', () => {
  const call = (more: readonly (readonly [word: number, value: number])[] = []): Uint32Array => {
    const data = Uint32Array.from({ length: 16 }, (_, index) => index);
    for (const [word, value] of more) data[word] = value;
    return data;
  };
  // Words: 0 number, 1 audit arch, 2 and 3 instruction pointer, then two for each argument.
  test.each<readonly [string, string | undefined, Uint32Array, string | undefined, number, boolean]>([
    ['is known again', 'ilp', call(), '/a', 1, true],
    ['from another place in the program', 'ilp', call([[2, 99]]), '/a', 1, true],
    ['with another upper half of an int', 'ilp', call([[5, 99]]), '/a', 1, true],
    ['with another pointer', 'ilp', call([[8, 99]]), '/a', 1, true],
    ['is not: another int', 'ilp', call([[4, 99]]), '/a', 1, false],
    ['is not: another upper half of 64 bits', 'ilp', call([[7, 99]]), '/a', 1, false],
    ['is not: another arch', 'ilp', call([[1, 99]]), '/a', 1, false],
    ['is not: another number', 'ilp', call([[0, 99]]), '/a', 1, false],
    ['is not: another program', 'ilp', call(), '/b', 1, false],
    ['is not: another errno', 'ilp', call(), '/a', 2, false],
    ['is not: it has a string, which may have changed', 'sip', call(), '/a', 1, false],
    ['without a shape: the number alone', undefined, call([[4, 99]]), '/a', 1, true],
  ])('%s', (_, shape, data, exe, errno, known) => {
    const calls = repeatedCalls();
    calls.remember(call(), '/a', 1, shape, () => {});
    expect(calls.find(data, exe, errno) !== undefined).toBe(known);
  });
});

describe('argument shapes of x86_64', () => {
  test.each([
    ['mkdir', X86_64, 83, 'si'],
    ['socket', X86_64, 41, 'iii'],
    ['clone', X86_64, 56, 'lpppp'],
    ['x32 openat', X86_64, 0x40000000 + 257, 'psii'],
    ['i386 mkdir', 0x40000003, 39, 'si'],
  ])('%s', (_, auditArch, number, shape) => {
    expect(argumentShapes(hostMachine('linux', 'x64')).get(auditArch)?.get(number)).toBe(shape);
  });
});

describe('the machine', () => {
  test.each([
    ['linux', 'x64', 'x86_64'],
    ['linux', 'arm64', 'aarch64'],
    ['linux', 'riscv64', 'riscv64'],
  ])('%s %s is %s', (platform, arch, name) => {
    expect(hostMachine(platform, arch).name).toBe(name);
  });
  test.each([
    ['darwin', 'arm64'],
    ['linux', 's390x'],
  ])('%s %s is none', (platform, arch) => {
    expect(() => hostMachine(platform, arch)).toThrow(
      `cannot be started under a filter on ${platform} ${arch}`,
    );
  });
});

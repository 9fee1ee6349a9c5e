import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encode } from '../../src/bpf/encode.js';
import { MAX_INSTRUCTIONS } from '../../src/bpf/instruction.js';
import { aarch64 } from '../../src/linux/aarch64.js';
import { type Launcher, launcher } from '../../src/linux/launcher.js';
import { decodeFailure } from '../../src/linux/launchFailure.js';
import type { Machine } from '../../src/linux/machine.js';
import { riscv64 } from '../../src/linux/riscv64.js';
import {
  type Blob,
  closeOnExec,
  dropBounding,
  installFilter,
  installSupervisedFilter,
  noNewPrivileges,
  type Place,
  type Script,
  setUid,
} from '../../src/linux/script.js';
import { x86_64 } from '../../src/linux/x86_64.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { filterOf } from './filters.js';

const directory = mkdtempSync(join(tmpdir(), 'callgate-launcher-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const STATUS = 3;
const F_GETFD = 1;

/** Clone a thread that stores a result which is not 0, wait for it, execute: every turn that a table can take. */
function threadScript(): Script {
  const flag: Blob = { bytes: new Uint8Array(4), writable: true, pointers: [] };
  const done = { blob: flag, offset: 0 };
  const [clone] = installSupervisedFilter(new Uint8Array(8), 0, STATUS);
  if (clone?.kind !== 'call') throw new Error('no clone step');
  return [
    closeOnExec(STATUS),
    {
      ...clone,
      thread: [
        { kind: 'call', name: 'F_GETFD', call: 'fcntl', args: [STATUS, F_GETFD], store: done },
        { kind: 'call', name: 'exit', call: 'exit', args: [0] },
      ],
    },
    { kind: 'wait', name: 'wait', until: done },
  ];
}

const BAD_FD = 99;
const EBADF = 9;
const F_DUPFD = 0;
const EINVAL = 22;

const word = (value: number): Place => ({
  blob: { bytes: new Uint8Array(new Uint32Array([value]).buffer), writable: true, pointers: [] },
  offset: 0,
});

/** Opens a file descriptor of a number that was not known before, closes it, and closes it again. */
function overwrittenScript(): Script {
  const opened = word(BAD_FD);
  const close = (name: string): Script[number] => ({
    kind: 'call',
    name,
    call: 'close',
    args: [],
    fd: opened,
  });
  return [
    { kind: 'call', name: 'F_DUPFD', call: 'fcntl', args: [STATUS, F_DUPFD, 20], store: opened },
    close('close'),
    close('close what was stored'),
  ];
}

const cases: readonly {
  readonly title: string;
  readonly script: Script;
  readonly file: string;
  readonly closedStatus?: true;
  readonly status: number;
  readonly out?: string;
  readonly failure?: { step: string; errno: number };
}[] = [
  {
    title: 'gives the command its arguments and environment',
    script: [closeOnExec(STATUS)],
    file: '/bin/sh',
    status: 7,
    out: 'sh one two env\n',
  },
  {
    title: 'waits for a thread',
    script: threadScript(),
    file: '/bin/sh',
    status: 7,
    out: 'sh one two env\n',
  },
  {
    title: 'sets no_new_privs',
    script: [noNewPrivileges()],
    file: '/bin/sh',
    status: 7,
    out: 'sh one two env\n',
  },
  {
    title: 'says 127 for a command that is not there',
    script: [],
    file: '/nonexistent/x',
    status: 127,
    failure: { step: 'execve', errno: 2 },
  },
  {
    title: 'says 126 for one that may not be executed',
    script: [],
    file: '/etc/passwd',
    status: 126,
    failure: { step: 'execve', errno: 13 },
  },
  {
    title: 'names the step that failed and does not go on',
    script: [closeOnExec(STATUS), closeOnExec(BAD_FD), closeOnExec(STATUS)],
    file: '/bin/sh',
    status: 125,
    failure: { step: `fcntl(${BAD_FD}, FD_CLOEXEC)`, errno: EBADF },
  },
  {
    title: 'goes on after an error that the step ignores',
    script: [{ kind: 'call', name: 'x', call: 'fcntl', args: [BAD_FD, 2, 1], ignore: EBADF }],
    file: '/bin/sh',
    status: 7,
    out: 'sh one two env\n',
  },
  {
    title: 'fails when the error is another one than the step ignores',
    script: [{ kind: 'call', name: 'x', call: 'fcntl', args: [BAD_FD, 2, 1], ignore: 22, repeat: 4 }],
    file: '/bin/sh',
    status: 125,
    failure: { step: 'x', errno: EBADF },
  },
  {
    title: 'takes a first argument from memory',
    script: [{ kind: 'call', name: 'x', call: 'fcntl', args: [BAD_FD, 2, 1], fd: word(STATUS) }],
    file: '/bin/sh',
    status: 7,
    out: 'sh one two env\n',
  },
  {
    title: 'takes what is there when the call is made',
    script: overwrittenScript(),
    file: '/bin/sh',
    status: 125,
    failure: { step: 'close what was stored', errno: EBADF },
  },
  {
    title: 'fails without a reader of its report',
    script: [closeOnExec(BAD_FD)],
    file: '/bin/sh',
    closedStatus: true,
    status: 125,
  },
];

const machines: readonly {
  readonly machine: Machine;
  readonly lacks: string | undefined;
  readonly prefix: readonly string[];
}[] = [
  { machine: x86_64, lacks: process.arch === 'x64' ? undefined : 'an x86_64 processor', prefix: [] },
  ...[aarch64, riscv64].map((machine) => ({
    machine,
    lacks: hasCommand(`qemu-${machine.name}-static`)
      ? undefined
      : `qemu-${machine.name}-static (Debian: qemu-user-static)`,
    prefix: [`qemu-${machine.name}-static`, '-0'],
  })),
];

function start(made: Launcher, file: string, prefix: readonly string[], withStatus: boolean) {
  const path = join(directory, 'launcher');
  writeFileSync(path, made.image, { mode: 0o755 });
  const args = ['sh', '-c', 'echo "$0" "$1" "$2" "$VARIABLE"; exit 7', 'sh', 'one', 'two'];
  const [emulator, ...flags] = prefix;
  const result = spawnSync(
    emulator ?? path,
    [...flags, ...(emulator === undefined ? [] : [file, path]), ...args],
    {
      ...(emulator === undefined ? { argv0: file } : {}),
      env: { VARIABLE: 'env', PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe', ...(withStatus ? (['pipe'] as const) : [])],
    },
  );
  const report = withStatus ? (result.output[STATUS] as unknown as Buffer) : undefined;
  return { status: result.status, out: result.stdout.toString(), report };
}

for (const { machine, lacks, prefix } of machines) {
  describeWithOracle(lacks, `a launcher for ${machine.name}`, () => {
    test.each(cases)('$title', ({ script, file, closedStatus, status, out, failure }) => {
      const made = launcher(machine, script, STATUS);
      const result = start(made, file, prefix, closedStatus === undefined);
      expect(result.status).toBe(status);
      expect(result.out).toBe(out ?? '');
      if (failure !== undefined && result.report !== undefined) {
        expect(decodeFailure(made, result.report)).toMatchObject({ ...failure, exitCode: status });
      }
      if (out !== undefined) expect(result.report).toHaveLength(0);
    });
  });
}

describeWithOracle(
  process.arch === 'x64' ? undefined : 'an x86_64 processor',
  'a launcher and the kernel',
  () => {
    test('a filter that the kernel refuses stops it', () => {
      const made = launcher(x86_64, [noNewPrivileges(), installFilter(new Uint8Array(8), 0)], STATUS);
      const result = start(made, '/bin/sh', [], true);
      expect(result.status).toBe(125);
      expect(decodeFailure(made, result.report ?? Buffer.alloc(8))).toMatchObject({
        step: 'seccomp(SECCOMP_SET_MODE_FILTER)',
        errno: EINVAL,
      });
    });

    test('the largest filter loads', () => {
      const [last] = filterOf([]).slice(-1);
      if (last === undefined) throw new Error('empty filter');
      const program = Array.from({ length: MAX_INSTRUCTIONS }, () => last);
      const made = launcher(x86_64, [noNewPrivileges(), installFilter(encode(program, 'little'), 0)], STATUS);
      expect(start(made, '/bin/sh', [], true)).toMatchObject({ status: 7, out: 'sh one two env\n' });
    });
  },
);

describe('the image of a launcher', () => {
  test.each([x86_64, aarch64, riscv64])('for $name has under 800 bytes around its filter', (machine) => {
    const made = launcher(
      machine,
      [closeOnExec(STATUS), noNewPrivileges(), installFilter(new Uint8Array(), 0)],
      STATUS,
    );
    expect(made.image.length).toBeLessThan(800);
  });

  test('has no segment that is writable and executable', () => {
    const { image } = launcher(x86_64, [setUid(1), dropBounding(0, 'CAP_CHOWN')], STATUS);
    const view = new DataView(image.buffer);
    const flags = Array.from({ length: view.getUint16(56, true) }, (_, index) =>
      view.getUint32(64 + 56 * index + 4, true),
    );
    expect(flags).toEqual([5, 6, 6]);
  });
});

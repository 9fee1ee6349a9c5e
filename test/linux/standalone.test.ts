import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compile } from '../../src/bpf/compile.js';
import type { Program } from '../../src/bpf/instruction.js';
import { standaloneLauncher } from '../../src/linux/standalone/launcher.js';
import { defaultPolicy } from '../bpf/realPolicies.js';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';
import { errno, filterOf } from './filters.js';

const directory = mkdtempSync(join(tmpdir(), 'callgate-standalone-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Others than root may come here too. */
chmodSync(directory, 0o755);
const file = (name: string, content: string | Uint8Array, mode: number): string => {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};
for (const name of ['denied', 'allowed', 'garbage']) {
  mkdirSync(join(directory, name));
  chmodSync(join(directory, name), 0o755);
}
file('denied/command', '#!/bin/sh\n', 0o644);
file('allowed/command', '#!/bin/sh\necho "$#" "$@" "$VARIABLE"; exit 7\n', 0o755);
file('garbage/command', 'no program', 0o755);
const [denied, allowed, garbage] = ['denied', 'allowed', 'garbage'].map((name) => join(directory, name));

type Abi = 'x86_64' | 'aarch64' | 'riscv64';

const SECCOMP = 277;
const SCHED_YIELD = 124;
/** The instruction that sets the number of the system call. */
const SET_NUMBER: Partial<Record<Abi, (number: number) => number>> = {
  aarch64: (number) => 0x52800000 | (number << 5) | 8,
  riscv64: (number) => (number << 20) | (17 << 7) | 0x13,
};

/** An emulator of processes has no seccomp(2); what is left of the launcher can be tried with a call that gives 0. */
function withoutSeccomp(image: Uint8Array, encode: (number: number) => number): Uint8Array {
  const view = new DataView(image.buffer);
  let replaced = 0;
  for (let at = 0; at + 4 <= image.length; at += 4) {
    if (view.getUint32(at, true) !== encode(SECCOMP)) continue;
    view.setUint32(at, encode(SCHED_YIELD), true);
    replaced++;
  }
  expect(replaced).toBe(1);
  return image;
}

function start(path: string, prefix: readonly string[], args: readonly string[], env: NodeJS.ProcessEnv) {
  const [program = path, ...rest] = [...prefix, path, ...args];
  const { status, stdout, stderr } = spawnSync(program, rest, { env, cwd: allowed });
  return { status, out: stdout.toString(), err: stderr.toString() };
}

/** The test's own PATH is not the one that the command gets. */
function pathOf(command: string): string {
  return spawnSync('sh', ['-c', `command -v ${command}`])
    .stdout.toString()
    .trim();
}

const system = process.env['PATH'] ?? '/usr/bin:/bin';
const cases: readonly {
  readonly title: string;
  readonly args: readonly string[];
  readonly path: string | undefined;
  readonly status: number;
  readonly out?: string;
  readonly err?: string;
}[] = [
  {
    title: 'a path with a slash, arguments and environment',
    args: [`${allowed}/command`, 'a', 'b c'],
    path: system,
    status: 7,
    out: '2 a b c value\n',
  },
  {
    title:
      'past a directory that is missing, one that is no directory, one too long, one whose file is not executable',
    args: ['command', 'x'],
    path: `/nonexistent:/etc/passwd:/${'long'.repeat(2000)}:${denied}:${allowed}`,
    status: 7,
    out: '1 x value\n',
  },
  {
    title: 'an empty entry is the working directory',
    args: ['command'],
    path: ':/nonexistent',
    status: 7,
    out: '0 value\n',
  },
  {
    title: 'an empty PATH is the working directory',
    args: ['command'],
    path: '',
    status: 7,
    out: '0 value\n',
  },
  { title: 'without PATH the usual directories', args: ['true'], path: undefined, status: 0 },
  {
    title: 'a file that is not executable, told in the end',
    args: ['command'],
    path: `${denied}:/nonexistent`,
    status: 126,
    err: 'callgate: cannot execute command: EACCES\n',
  },
  {
    title: 'a file that is no program',
    args: ['command'],
    path: `${garbage}:${allowed}`,
    status: 126,
    err: 'callgate: cannot execute command: ENOEXEC\n',
  },
  {
    title: 'a name that is nowhere',
    args: ['nowhere'],
    path: system,
    status: 127,
    err: 'callgate: cannot execute nowhere: ENOENT\n',
  },
  {
    title: 'a path that is nowhere',
    args: ['/nonexistent/x'],
    path: system,
    status: 127,
    err: 'callgate: cannot execute /nonexistent/x: ENOENT\n',
  },
  {
    title: 'a file in the place of a directory',
    args: ['/etc/passwd/x'],
    path: system,
    status: 126,
    err: 'callgate: cannot execute /etc/passwd/x: ENOTDIR\n',
  },
  {
    title: 'an empty name',
    args: [''],
    path: system,
    status: 127,
    err: 'callgate: cannot execute : ENOENT\n',
  },
  { title: 'a name longer than any path', args: ['n'.repeat(5000)], path: system, status: 127 },
  { title: 'no command', args: [], path: system, status: 125, err: 'usage: sandbox COMMAND [ARGUMENT…]\n' },
];

const machines: readonly {
  readonly abi: Abi;
  readonly lacks: string | undefined;
  readonly prefix: readonly string[];
}[] = [
  { abi: 'x86_64', lacks: process.arch === 'x64' ? undefined : 'an x86_64 processor', prefix: [] },
  ...(['aarch64', 'riscv64'] as const).map((abi) => ({
    abi,
    lacks: hasCommand(`qemu-${abi}-static`) ? undefined : `qemu-${abi}-static (Debian: qemu-user-static)`,
    prefix: [pathOf(`qemu-${abi}-static`)],
  })),
];

for (const { abi, lacks, prefix } of machines) {
  describeWithOracle(lacks, `the standalone launcher for ${abi}`, () => {
    const image = (filter: Program) => standaloneLauncher(filter, 0, abi);
    const encode = SET_NUMBER[abi];

    test.each(cases)('$title', ({ args, path, status, out, err }) => {
      const made = image(filterOf([]));
      const sandbox = file(
        `sandbox-${abi}`,
        encode === undefined ? made : withoutSeccomp(made, encode),
        0o755,
      );
      const result = start(sandbox, prefix, args, {
        VARIABLE: 'value',
        ...(path === undefined ? {} : { PATH: path }),
      });
      expect(result).toMatchObject({ status, out: out ?? '' });
      if (err !== undefined) expect(result.err).toBe(err);
    });

    test('a kernel that takes no filter: nothing is executed', () => {
      const sandbox = file(`refused-${abi}`, image([]), 0o755);
      const reason = encode === undefined ? 'EINVAL' : 'ENOSYS';
      expect(start(sandbox, prefix, ['echo', 'executed'], { PATH: system })).toEqual({
        status: 125,
        out: '',
        err: `callgate: seccomp(SECCOMP_SET_MODE_FILTER): ${reason}\n`,
      });
    });
  });
}

describeWithOracle(
  process.arch === 'x64' ? undefined : 'an x86_64 processor',
  'the standalone launcher and the kernel',
  () => {
    const users = isRoot ? [undefined, 65534] : [undefined];

    test.each(users)('Docker’s default is enforced, with no_new_privs (user %s)', async (uid) => {
      const filter = compile(await defaultPolicy('docker@28.5.2'));
      const sandbox = file('docker', standaloneLauncher(filter, 0, 'x86_64'), 0o755);
      const script =
        'unshare -U true; echo $?; grep -E "^(NoNewPrivs|Seccomp|Seccomp_filters):" /proc/self/status';
      const { status, stdout, stderr } = spawnSync(
        sandbox,
        ['sh', '-c', script],
        uid === undefined ? {} : { uid },
      );
      expect(stderr.toString()).toMatch(/unshare.*not permitted/i);
      expect(stdout.toString()).toMatch(/^1\nNoNewPrivs:\t1\nSeccomp:\t2\n(Seccomp_filters:\t\d+\n)?$/);
      expect(status).toBe(0);
    });

    test('execve and write denied: the exit code still says it', () => {
      const filter = filterOf([
        { number: 59, action: errno(1) },
        { number: 1, action: errno(1) },
      ]);
      const sandbox = file('mute', standaloneLauncher(filter, 0, 'x86_64'), 0o755);
      expect(start(sandbox, [], ['true'], { PATH: system })).toEqual({ status: 126, out: '', err: '' });
    });

    test('both exits denied: it ends all the same', () => {
      const filter = filterOf([59, 60, 231].map((number) => ({ number, action: errno(1) })));
      const sandbox = file('stuck', standaloneLauncher(filter, 0, 'x86_64'), 0o755);
      expect(spawnSync(sandbox, ['true']).signal).toBe('SIGILL');
    });
  },
);

describe('the image of a standalone launcher', () => {
  test.each(['x86_64', 'aarch64', 'riscv64'] as const)('for %s has under 3 kB around its filter', (abi) => {
    expect(standaloneLauncher([], 0, abi).length).toBeLessThan(3000);
  });

  test('there is none for other machines', () => {
    expect(() => standaloneLauncher([], 0, 's390x')).toThrow('there is no launcher for s390x');
  });
});

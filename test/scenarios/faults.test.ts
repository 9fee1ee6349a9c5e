import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';
import { PATIENCE } from '../patience.js';
import { build, CALLGATE, callgate } from './callgate.js';
import { type Fault, injected, type Outcome, run } from './faults.js';
import { ALL, byTwos, inMountNamespace, inShell, tmpfs, which } from './injection.js';

const outcomes: Outcome[] = [];
beforeAll(build);
afterAll(() => {
  const rows = outcomes.map(
    ({ fault, ending, status, answers, milliseconds, violations }) =>
      `| ${fault} | ${ending ?? '?'} | ${status} | ${answers} | ${milliseconds} ms | ${violations.join('; ')} |`,
  );
  const head = `${outcomes.length} faults\n| fault | ending | exit | denied calls got | took | violations |\n| --- | --- | --- | --- | --- | --- |`;
  console.info([head, ...rows].join('\n'));
});

async function runAll(faults: readonly Fault[]): Promise<void> {
  const done = await byTwos(faults, run);
  outcomes.push(...done);
  expect(done.filter(({ violations }) => violations.length > 0)).toEqual([]);
}

const sweep = (call: string, what: string, most: number, some: readonly number[], ends: Fault['ends']) =>
  which(most, some).map((when) => injected(call, what, when, ends));

const lacks = (...commands: readonly string[]): string | undefined => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Linux on x86-64';
  if (!isRoot) return 'root';
  const missing = commands.filter((command) => !hasCommand(command));
  return missing.length === 0 ? undefined : `the commands ${missing.join(', ')}`;
};

const TIME = 1_200_000 * PATIENCE;
const ANY: Fault['ends'] = ['whole', 'refused', 'killed', 'cut'];
const LIVES: Fault['ends'] = ['whole', 'refused'];
/** The recorder that needs no privilege, also as root. */
const UNPRIVILEGED = ['--recorder', 'user-notification'];

describeWithOracle(lacks('strace'), 'run, killed at its Nth call', () => {
  test.each<readonly [why: string, call: string, most: number, some: readonly number[]]>([
    ['before and while it takes the listener', 'recvmsg', 2, [1]],
    ['between receiving and answering', 'ioctl', 12, [2, 4]],
    ['while it reads memory', 'process_vm_readv', 3, [1]],
    ['while it looks at the caller', 'readlink', 8, []],
    ['while it waits', 'poll', 8, [2]],
    ['while it makes the socket', 'socketpair', 2, []],
    ['while it makes the launcher', 'mkdir', 2, []],
    ['while the launcher gives the listener away', 'sendmsg', 1, []],
    ['while the launcher closes it', 'close', 1, [1]],
  ])('%s (%s)', { timeout: TIME }, async (_, call, most, some) => {
    await runAll(sweep(call, 'signal=KILL', most, some, ANY));
  });
});

describeWithOracle(lacks('strace'), 'run, whose Nth call fails', () => {
  test.each<readonly [call: string, what: string, most: number, some: readonly number[]]>([
    ['ioctl', 'error=EIO', 12, [2]],
    ['ioctl', 'error=EINTR', 12, [3]],
    ['recvmsg', 'error=ENOMEM', 2, [1]],
    ['recvmsg', 'error=EINTR', 2, []],
    ['process_vm_readv', 'error=EFAULT', 3, [1]],
    ['process_vm_readv', 'error=EPERM', 2, []],
    ['poll', 'error=ENOMEM', 6, [2]],
    ['socketpair', 'error=EMFILE', 2, [2]],
    ['sendmsg', 'error=EPIPE', 2, [1]],
    ['prctl', 'error=EPERM', 6, []],
    ['seccomp', 'error=EINVAL', 4, [1]],
    ['seccomp', 'error=ENOMEM', 4, []],
    ['capset', 'error=EPERM', 2, [1]],
    ['mkdir', 'error=ENOSPC', 2, []],
    ['fchmod', 'error=EPERM', 2, []],
    ['rmdir', 'error=EIO', 1, [1]],
    ['unlink', 'error=EIO', 1, []],
  ])('%s with %s', { timeout: TIME }, async (call, what, most, some) => {
    await runAll(sweep(call, what, most, some, LIVES));
  });
});

describeWithOracle(lacks('unshare'), 'run, where the machine is not as it should be', () => {
  const noRuntimeDirectory = { XDG_RUNTIME_DIR: '', TMPDIR: '/tmp' };
  const places: readonly Fault[] = [
    {
      name: 'no room in any directory for the launcher',
      around: inMountNamespace(tmpfs('size=4k,nr_inodes=1')),
      env: noRuntimeDirectory,
      ends: LIVES,
    },
    {
      name: 'every directory mounted noexec',
      around: inMountNamespace(tmpfs('noexec')),
      env: noRuntimeDirectory,
      ends: LIVES,
    },
    { name: 'no /proc', around: inMountNamespace('umount -l /proc'), ends: LIVES },
    {
      name: 'no /proc, and no room',
      around: inMountNamespace(`${tmpfs('size=4k,nr_inodes=1')} && umount -l /proc`),
      env: noRuntimeDirectory,
      ends: ['refused'],
      says: /callgate: /,
    },
    { name: 'no /sys', around: inMountNamespace('umount -l /sys'), ends: ['whole'] },
    {
      name: 'user namespaces off',
      around: ['unshare', '-Ur', ...inShell('echo 0 >/proc/sys/user/max_user_namespaces')],
      ends: ['whole'],
    },
    {
      name: 'a umask that takes everything',
      around: inShell('umask 777'),
      ends: ['whole'],
    },
  ];
  test.each(places.map((fault) => [fault.name, fault] as const))(
    '%s',
    { timeout: TIME },
    async (_, fault) => {
      await runAll([fault]);
    },
  );

  test('few file descriptors', { timeout: TIME }, async () => {
    const limits = ALL ? Array.from({ length: 61 }, (_, index) => 4 + index) : [26, 42];
    await runAll(
      limits.flatMap((limit) =>
        (['run', 'record'] as const).map((verb) => ({
          name: `${verb}, ulimit -n ${limit}`,
          verb,
          around: inShell(`ulimit -n ${limit}`),
          // Node needs some twenty for itself, and ends where it has not.
          ends: limit < 24 ? [...LIVES, 'unstarted'] : LIVES,
        })),
      ),
    );
  });

  test('little address space', { timeout: TIME }, async () => {
    const limits = ALL ? Array.from({ length: 12 }, (_, index) => 700_000 + 100_000 * index) : [1_000_000];
    await runAll(
      limits.map((limit) => ({
        name: `ulimit -v ${limit}`,
        around: ['sh', '-c', `ulimit -v ${limit} && exec "$@"`, 'sh'],
        // V8 aborts where it has no room.
        ends: [...LIVES, 'unstarted'],
      })),
    );
  });
});

const CANNOT_WRITE = /callgate: cannot write .*: no/;

describeWithOracle(lacks('bash'), 'run and record, whose output goes nowhere', () => {
  const to = (redirection: string): readonly string[] => ['bash', '-c', `exec "$@" ${redirection}`, 'bash'];
  test.each<readonly [Fault]>([
    [{ name: 'standard input is closed', around: to('<&-'), ends: ['whole'] }],
    [{ name: 'standard error is closed', around: to('2>&-'), ends: ['whole'] }],
    [{ name: 'standard error is a full disk', around: to('2>/dev/full'), ends: ['whole'] }],
    [{ name: 'nobody reads standard error', around: to('2> >(true)'), ends: ['whole'] }],
    [
      {
        name: 'the report goes to a full disk',
        flags: ['--report', '/dev/full'],
        ends: ['whole'],
        says: CANNOT_WRITE,
      },
    ],
    [
      {
        name: 'the report goes where nothing is',
        flags: ['--report', '/nonexistent/report.json'],
        ends: ['refused'],
        says: CANNOT_WRITE,
      },
    ],
    [
      {
        name: 'the recording goes to a full disk',
        verb: 'record',
        flags: ['--recording', '/dev/full'],
        ends: ['whole'],
        says: CANNOT_WRITE,
      },
    ],
  ])('$name', { timeout: TIME }, async (fault) => {
    await runAll([fault]);
  });
});

describeWithOracle(lacks('python3'), 'run and record, whose terminal hangs up', () => {
  /** Runs its arguments on a terminal, which goes when the command says that it is ready; ends as they do. */
  const TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
said = b''
while b'ready' not in said: said += os.read(terminal, 1000)
os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)`;
  test.each(['run', 'record'] as const)('%s ends as its command', { timeout: TIME }, async (verb) => {
    const done = await run({
      name: `${verb}, the terminal hangs up`,
      verb,
      around: ['python3', '-c', TERMINAL],
      command: ['/bin/sh', '-c', 'trap : HUP; echo ready; while [ -t 0 ]; do sleep 0.05; done; exit 7'],
      ends: [],
    });
    outcomes.push({ ...done, ending: 'whole', violations: [] });
    expect(done.status).toBe(7);
  });
});

describeWithOracle(lacks('strace', 'unshare', 'setpriv'), 'run, whose command is no plain one', () => {
  const stopped = 'kill -STOP $PPID; (sleep 0.3; kill -CONT $PPID) & ';
  const commands: readonly Fault[] = [
    { name: 'it kills callgate', first: 'kill -KILL $PPID; ', ends: ['killed'] },
    { name: 'it stops callgate for a while', first: stopped, ends: ['whole'] },
    { name: 'it stops callgate, which follows', first: stopped, flags: ['--follow'], ends: ['whole'] },
    { name: 'a tracer', inside: ['strace', '-f', '-o', '/dev/null'], ends: ['whole'] },
    { name: 'other namespaces', inside: ['unshare', '-Upf', '--mount-proc'], ends: ['whole'] },
    { name: 'another user', inside: ['setpriv', '--reuid', '65534', '--clear-groups'], ends: ['whole'] },
  ];
  const some = new Set(['it kills callgate', 'it stops callgate for a while', 'other namespaces']);
  test.each(
    commands.filter(({ name }) => ALL || some.has(name)).map((fault) => [fault.name, fault] as const),
  )('%s', { timeout: TIME }, async (_, fault) => {
    await runAll(
      fault.inside === undefined
        ? [fault]
        : [fault, { ...fault, verb: 'record', name: `record, ${fault.name}`, flags: UNPRIVILEGED }],
    );
  });
});

describeWithOracle(lacks(), 'run, where a filter is in force already', () => {
  const outer = (...flags: readonly string[]) => [process.execPath, CALLGATE, 'run', ...flags, '--'];
  const under: readonly Fault[] = [
    {
      name: 'in callgate run, both with a report',
      around: outer('--like', 'docker@28.5.2'),
      ends: ['refused'],
      says: /EBUSY\n.*--no-report/,
    },
    {
      name: 'in callgate run, and another, both with a report',
      around: [...outer('--no-report', '--like', 'docker@28.5.2'), ...outer('--like', 'docker@28.5.2')],
      ends: ['refused'],
      says: /EBUSY/,
    },
    {
      name: 'in callgate run, and another, the innermost with a report',
      around: [
        ...outer('--no-report', '--like', 'docker@28.5.2'),
        ...outer('--no-report', '--like', 'docker@27.5.1'),
      ],
      ends: ['whole'],
    },
    {
      name: 'record in callgate run with a report',
      verb: 'record',
      flags: UNPRIVILEGED,
      around: outer('--like', 'docker@28.5.2'),
      ends: ['refused'],
      says: /EBUSY/,
    },
    {
      name: 'in callgate run, the inner one without',
      around: outer('--like', 'docker@28.5.2'),
      flags: ['--no-report'],
      ends: ['whole'],
    },
    {
      name: 'under Docker’s filter, with a report',
      around: outer('--no-report', '--like', 'docker@28.5.2'),
      ends: ['whole'],
    },
  ];
  const some = under.filter((fault) => ALL || !/another|record/.test(fault.name));
  test.each(some.map((fault) => [fault.name, fault] as const))('%s', { timeout: TIME }, async (_, fault) => {
    await runAll([fault]);
  });
});

describeWithOracle(lacks('qemu-aarch64-static'), 'run of another architecture’s program', () => {
  let directory: string;
  let foreign: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'callgate-foreign-'));
    foreign = join(directory, 'foreign');
    const { status, stderr } = callgate(
      'compile',
      'docker@28.5.2',
      '--arch',
      'arm64',
      '--format',
      'launcher',
      '-o',
      foreign,
    );
    if (status !== 0) throw new Error(stderr);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('that the kernel cannot execute', { timeout: TIME }, async () => {
    await runAll([
      {
        name: 'an aarch64 program',
        command: [foreign, 'true'],
        ends: ['refused'],
        says: /ENOEXEC|cannot execute/,
      },
    ]);
  });

  test('under qemu, to whose calls the filter applies', { timeout: TIME }, async () => {
    // The program is a launcher of aarch64: it must not execute its arguments where it cannot filter itself.
    const done = await run({
      name: 'an aarch64 launcher under qemu',
      command: ['qemu-aarch64-static', foreign, 'true'],
      ends: [],
    });
    outcomes.push({ ...done, violations: [] });
    expect(done.status).not.toBe(0);
  });
});

describeWithOracle(lacks('strace', 'setpriv'), 'record', () => {
  const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--no-new-privs'];
  const recorded = (faults: readonly Fault[], around: readonly string[] = []): readonly Fault[] =>
    faults.map((fault) => ({
      ...fault,
      name: `record, ${around.length === 0 ? 'as root' : 'unprivileged'}: ${fault.name}`,
      verb: 'record',
      around: [...(fault.around ?? []), ...around],
    }));
  test.each<
    readonly [call: string, what: string, most: number, some: readonly number[], ends: Fault['ends']]
  >([
    ['bpf', 'error=EPERM', 8, [1], LIVES],
    ['bpf', 'signal=KILL', 8, [], ANY],
    ['poll', 'signal=KILL', 6, [1], ANY],
    ['recvmsg', 'signal=KILL', 2, [1], ANY],
    ['ioctl', 'signal=KILL', 8, [1, 2], ANY],
    ['ioctl', 'error=EINTR', 8, [2], LIVES],
    ['recvmsg', 'error=ENOMEM', 2, [1], LIVES],
    ['sendmsg', 'signal=KILL', 2, [], ANY],
    ['sendmsg', 'error=EPIPE', 2, [], LIVES],
  ])('%s with %s', { timeout: TIME }, async (call, what, most, some, ends) => {
    const faults = sweep(call, what, most, some, ends);
    await runAll(call === 'bpf' ? recorded(faults) : recorded(faults, nobody));
  });

  test('killed before the command has begun, writes nothing', { timeout: TIME }, async () => {
    const fault = injected('sendmsg', 'signal=KILL', 1, ['killed']);
    await runAll(
      recorded([{ ...fault, says: /was not started: its launcher was ended by SIGKILL/ }], nobody),
    );
  });
});

import fc from 'fast-check';
import type { OciRule, OciSeccomp } from '../../src/engine/oci.js';
import type { OciArg } from '../../src/profile/argument.js';

/** What the runtimes and the probe themselves call after the filter is in force, with noNewPrivileges (seen by strace). */
const ESSENTIAL = [
  ...[
    'execve',
    'exit',
    'exit_group',
    'clone',
    'wait4',
    'write',
    'prctl',
    'seccomp',
    'poll',
    'ioctl',
    'close',
  ],
  ...['fstatfs', 'futex', 'getdents64', 'openat', 'fstat', 'statx', 'newfstatat', 'fcntl', 'read', 'getpid'],
  ...['mmap', 'munmap', 'madvise', 'rt_sigaction', 'rt_sigprocmask', 'rt_sigreturn', 'sigaltstack', 'tgkill'],
  ...['nanosleep', 'epoll_pwait', 'epoll_ctl', 'sched_yield', 'gettid', 'epoll_create1', 'pipe2', 'brk'],
];

/** Calls of all sorts: plain, multiplexed on x86, missing on some ABI, new ones that raise the stub's bound, unknown. */
const NAMES = [
  ...[
    'mkdir',
    'chmod',
    'getpgrp',
    'personality',
    'sysinfo',
    'umount',
    'umount2',
    'socket',
    'sendto',
    'shmget',
  ],
  ...[
    'clone3',
    'openat2',
    'fchmodat2',
    'mseal',
    'futex_time64',
    'mlock2',
    'stime',
    'arm_fadvise64_64',
    'no_such_call',
  ],
] as const;

const SOUND_ACTIONS = [
  ...['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_KILL_THREAD'],
  ...['SCMP_ACT_TRAP', 'SCMP_ACT_TRACE', 'SCMP_ACT_LOG'],
];

const OPERATORS = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'].map((word) => `SCMP_CMP_${word}`);

const ARCHITECTURES = [
  [],
  ['SCMP_ARCH_X86_64'],
  ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'],
  ['SCMP_ARCH_X86'],
  ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
];

const value = fc.constantFrom(
  0n,
  1n,
  5n,
  10n,
  0xffn,
  0xffffffffn,
  0x100000000n,
  0x10000000an,
  0xffffffffffffffffn,
);

const argument: fc.Arbitrary<OciArg> = fc.record({
  index: fc.constantFrom(0, 0, 1, 5),
  value,
  valueTwo: value,
  op: fc.constantFrom(...OPERATORS),
});

const errnoRet = fc.constantFrom(0, 1, 13, 38, 1001, 4094);

const rule: fc.Arbitrary<OciRule> = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }),
    action: fc.constantFrom(...SOUND_ACTIONS),
    errno: fc.option(errnoRet, { nil: undefined }),
    args: fc.oneof(fc.constant([]), fc.array(argument, { minLength: 1, maxLength: 3 })),
  })
  .map(({ names, action, errno, args }) => ({
    names,
    action,
    // crun refuses errnoRet on other actions.
    ...(errno === undefined || action !== 'SCMP_ACT_ERRNO' ? {} : { errnoRet: errno }),
    args,
    origin: { rule: 0 },
  }));

/** Objects that a runtime may or may not accept, under which it and the probe can work. */
export const randomOci: fc.Arbitrary<OciSeccomp> = fc
  .record({
    defaultAction: fc.constantFrom(...SOUND_ACTIONS, 'SCMP_ACT_ERRNO', 'SCMP_ACT_ERRNO'),
    errno: fc.option(errnoRet, { nil: undefined }),
    architectures: fc.constantFrom(...ARCHITECTURES),
    rules: fc.array(rule, { minLength: 1, maxLength: 6 }),
  })
  .map(({ defaultAction, errno, architectures, rules }) => ({
    defaultAction,
    ...(errno === undefined || defaultAction !== 'SCMP_ACT_ERRNO' ? {} : { defaultErrnoRet: errno }),
    architectures,
    syscalls: [{ names: ESSENTIAL, action: 'SCMP_ACT_ALLOW', args: [], origin: { rule: 0 } }, ...rules],
  }));

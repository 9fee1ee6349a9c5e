import { describe, expect, test } from 'vitest';
import { CallgateError } from '../../src/error.js';
import type { AbiName } from '../../src/syscalls/abi.js';
import { parseCall } from '../../src/syscalls/call.js';
import { formatCall } from '../../src/syscalls/callText.js';

interface Expected {
  readonly name?: string;
  readonly number?: number;
  readonly abi?: AbiName;
  readonly args?: readonly (bigint | undefined)[];
  /** As formatCall prints it. */
  readonly text?: string;
}

const calls: readonly (readonly [string, Expected])[] = [
  ['clone3', { name: 'clone3', number: 435, text: 'clone3' }],
  ['clone3()', { name: 'clone3', number: 435 }],
  ['  clone3  ', { name: 'clone3', number: 435 }],
  ['452', { name: 'fchmodat2', number: 452 }],
  ['0x1c4', { name: 'fchmodat2', number: 452 }],
  ['0X1C4', { name: 'fchmodat2', number: 452 }],
  ['syscall_0x1c4', { name: 'fchmodat2', number: 452 }],
  ['syscall_452', { name: 'fchmodat2', number: 452 }],
  ['5000', { number: 5000, text: 'syscall_0x1388' }],
  ['-1', { number: 0xffffffff, text: 'syscall_0xffffffff' }],
  ['0x400001b3', { name: 'clone3', number: 0x400001b3, abi: 'x32' }],
  ['x32:435', { name: 'clone3', number: 0x400001b3, abi: 'x32' }],
  ['i386:socketcall', { name: 'socketcall', number: 102, abi: 'x86' }],
  ['socketcall', { name: 'socketcall', abi: 'x86_64' }],
  ['arm64:clone3', { name: 'clone3', number: 435, abi: 'aarch64' }],
  ['SCMP_ARCH_S390X:clone3', { name: 'clone3', number: 435, abi: 's390x' }],
  [
    'socket(AF_VSOCK, SOCK_STREAM, 0)',
    { name: 'socket', number: 41, args: [40n, 1n, 0n], text: 'socket(AF_VSOCK, SOCK_STREAM, 0)' },
  ],
  [
    'socket(40, 0x80801)',
    { args: [40n, 0x80801n], text: 'socket(AF_VSOCK, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC)' },
  ],
  [
    'socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)',
    { args: [16n, 3n, 9n], text: 'socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)' },
  ],
  ['socket(AF_INET, SOCK_RAW, 6)', { text: 'socket(AF_INET, SOCK_RAW, IPPROTO_TCP)' }],
  ['socket(AF_UNIX, SOCK_RAW, 6)', { text: 'socket(AF_UNIX, SOCK_RAW, 6)' }],
  [
    'mips:socket(AF_INET, SOCK_STREAM)',
    { abi: 'mips', number: 4183, args: [2n, 2n], text: 'socket(AF_INET, SOCK_STREAM)' },
  ],
  ['clone(flags=CLONE_NEWUSER|SIGCHLD)', { args: [0x10000011n], text: 'clone(CLONE_NEWUSER|SIGCHLD)' }],
  [
    's390x:clone(flags=CLONE_NEWUSER)',
    { abi: 's390x', args: [undefined, 0x10000000n], text: 'clone(_, CLONE_NEWUSER)' },
  ],
  ['unshare(flags=CLONE_NEWUSER)', { args: [0x10000000n] }],
  ['clone(CLONE_NEWUSER | 0x20000000)', { args: [0x30000000n], text: 'clone(CLONE_NEWUSER|CLONE_NEWPID)' }],
  ['personality(0x40000)', { args: [0x40000n], text: 'personality(PER_LINUX|ADDR_NO_RANDOMIZE)' }],
  ['personality(PER_LINUX32)', { args: [8n], text: 'personality(PER_LINUX32)' }],
  ['personality(PER_LINUX32_3GB)', { args: [0x8000008n], text: 'personality(PER_LINUX32_3GB)' }],
  ['personality(0xffffffff)', { args: [0xffffffffn] }],
  [
    'openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC)',
    { args: [0xffffff9cn, undefined, 0x80000n], text: 'openat(AT_FDCWD, _, O_RDONLY|O_CLOEXEC)' },
  ],
  ['aarch64:openat(AT_FDCWD, _, O_DIRECTORY)', { abi: 'aarch64', args: [0xffffff9cn, undefined, 0x4000n] }],
  ['openat(0xffffffffffffff9c)', { args: [0xffffffffffffff9cn], text: 'openat(AT_FDCWD)' }],
  [
    'clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD, set_tid=[1, 2]}, 88)',
    { args: [undefined, 88n], text: 'clone3(_, 88)' },
  ],
  ['ptrace(PTRACE_ATTACH, arg2=NULL)', { args: [16n, undefined, 0n], text: 'ptrace(PTRACE_ATTACH, _, 0)' }],
  ['kill(-1, SIGKILL)', { args: [0xffffffffn, 9n], text: 'kill(-1, SIGKILL)' }],
  ['lseek(3, -1, SEEK_SET)', { args: [3n, 0xffffffffffffffffn, 0n] }],
  ['x86:kill(-1)', { abi: 'x86', args: [0xffffffffn] }],
  ['ioctl(0, TIOCSTI)', { args: [0n, 0x5412n], text: 'ioctl(0, TIOCSTI)' }],
  [
    'mmap(_, *, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)',
    {
      args: [undefined, undefined, 5n, 0x22n, 0xffffffffffffffffn, 0n],
      text: 'mmap(_, _, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)',
    },
  ],
  ['chmod(_, 0755)', { args: [undefined, 0o755n], text: 'chmod(_, 0755)' }],
  ['chmod(_, 04000)', { args: [undefined, 0o4000n], text: 'chmod(_, 04000)' }],
  ['mknod(_, S_IFCHR|0600, 0)', { args: [undefined, 0o20600n, 0n], text: 'mknod(_, S_IFCHR|0600, 0)' }],
  ['prctl(PR_SET_NO_NEW_PRIVS, 1)', { args: [38n, 1n], text: 'prctl(PR_SET_NO_NEW_PRIVS, 1)' }],
  ['socket(~0)', { args: [0xffffffffn] }],
  ['socket(~(AF_UNIX|AF_INET) )', { args: [0xfffffffcn] }],
  ['personality(-1)', { args: [0xffffffffn], text: 'personality(0xffffffff)' }],
  [
    'personality(0xffffffffffffffff)',
    { args: [0xffffffffffffffffn], text: 'personality(0xffffffffffffffff)' },
  ],
  ['kill(0xffffffffffffffff)', { args: [0xffffffffffffffffn], text: 'kill(-1)' }],
  ['socket(0x100000028)', { args: [0x100000028n], text: 'socket(0x100000028)' }],
  [
    'futex(_, FUTEX_WAKE|FUTEX_PRIVATE_FLAG)',
    { args: [undefined, 129n], text: 'futex(_, FUTEX_WAKE|FUTEX_PRIVATE_FLAG)' },
  ],
  ['unshare(0)', { args: [0n], text: 'unshare(0)' }],
  ['clone(flags=_, arg4=1)', { args: [undefined, undefined, undefined, undefined, 1n] }],
  ['5000(1, 2)', { number: 5000, args: [1n, 2n], text: 'syscall_0x1388(1, 2)' }],
];

test.each(calls)('%s', (text, expected) => {
  const call = parseCall(text, 'x86_64');
  expect(call.abi).toBe(expected.abi ?? 'x86_64');
  if ('name' in expected || 'number' in expected) {
    if (expected.number !== undefined || expected.name === undefined)
      expect(call.number).toBe(expected.number);
    if (expected.name !== undefined) expect(call.name).toBe(expected.name);
  }
  expect(call.args).toHaveLength(6);
  if (expected.args !== undefined) {
    expect(call.args).toEqual(Array.from({ length: 6 }, (_, index) => expected.args?.[index]));
  }
  if (expected.text !== undefined) expect(formatCall(call)).toBe(expected.text);
});

test('an ABI that lacks the call leaves the number out', () => {
  expect(parseCall('socketcall', 'x86_64')).not.toHaveProperty('number');
  expect(parseCall('5000', 'x86_64')).not.toHaveProperty('name');
});

test('formatCall names the ABI where it is not the expected one', () => {
  expect(formatCall(parseCall('x86:socketcall(1)', 'x86_64'), 'x86_64')).toBe('x86:socketcall(SYS_SOCKET)');
});

const errors: readonly (readonly [string, number, string])[] = [
  ['', 1, 'a call is missing here'],
  ['clone33', 1, 'no system call is called clone33 (did you mean clone3'],
  ['sockte(1)', 1, 'no system call is called sockte (did you mean socket'],
  ['CLONE3', 1, 'no system call is called CLONE3 (did you mean clone3'],
  ['__NR_clone3', 1, 'no system call is called __NR_clone3 (did you mean clone3?'],
  ['SYS_clone3', 1, '(did you mean clone3?'],
  ['sys_clone3(1)', 1, '(did you mean clone3?'],
  ['__x64_sys_clone3', 1, '(did you mean clone3?'],
  ['__arm64_sys_clnoe3', 1, '(did you mean clone3'],
  ['vax:clone', 1, 'no architecture is called vax'],
  ['socket(AF_VSOK)', 8, 'no constant is called AF_VSOK (did you mean AF_VSOCK'],
  ['socket(AF_UNIX', 15, 'the arguments do not end here'],
  ['socket(AF_UNIX, )', 17, 'an argument is missing here'],
  ['socket(AF_UNIX|)', 16, 'an argument is missing here'],
  ['socket(1,2,3,4,5,6,7)', 20, 'a call has six arguments at most'],
  ['socket(1, family=2)', 11, 'argument 0 is given twice'],
  ['socket(colour=2)', 8, 'socket has no argument colour'],
  ['socket((1)', 11, 'the arguments do not end here'],
  ['socket((((1)', 9, 'a parenthesis is not closed'],
  ['socket(0x10000000000000000)', 8, '18446744073709551616 does not fit'],
  ['socket(1) = 3', 11, '"= 3" was not expected here'],
  ['99999999999', 1, '99999999999 is not a 32-bit number'],
  ['clone3({flags', 8, 'this structure does not end'],
  ['12abc', 1, 'a call is missing here'],
  [`socket(${'('.repeat(100)}1`, 41, 'this is nested too deeply'],
  [`socket(${'1|'.repeat(3000)}1)`, 4097, 'a call of 6009 characters'],
];

describe('errors name the column and the nearest word', () => {
  test.each(errors)('%.40s', (text, column, message) => {
    const error = caught(() => parseCall(text, 'x86_64'));
    expect(`${error.message}${error.hint === undefined ? '' : ` (${error.hint}`}`).toContain(message);
    expect(error.at).toEqual({ file: 'call', line: 1, column });
  });

  test('a call inside a file', () => {
    const error = caught(() => parseCall('sockte', 'x86_64', { file: 'calls.txt', line: 7, offset: 4 }));
    expect(error.at).toEqual({ file: 'calls.txt', line: 7, column: 5 });
  });
});

function caught(body: () => unknown): CallgateError {
  try {
    body();
  } catch (error) {
    if (error instanceof CallgateError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

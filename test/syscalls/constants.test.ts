import { expect, test } from 'vitest';
import type { AbiName } from '../../src/syscalls/abi.js';
import {
  constantGroup,
  constantGroupOf,
  constantValue,
  errnoName,
  errnoNumber,
} from '../../src/syscalls/constants.js';
import { constantText } from '../../src/syscalls/constantsText.js';

// Values that differ between architectures: arch/*/include/uapi/asm of Linux 6.1.
const values: readonly (readonly [string, AbiName, bigint | undefined])[] = [
  ['AF_VSOCK', 'x86_64', 40n],
  ['SOCK_STREAM', 'x86_64', 1n],
  ['SOCK_STREAM', 'mipsel', 2n],
  ['SOCK_STREAM', 'parisc', 1n],
  ['SOCK_NONBLOCK', 'parisc', 0x40000000n],
  ['SOCK_NONBLOCK', 'mips64', 0x80n],
  ['O_DIRECTORY', 'x86_64', 0o200000n],
  ['O_DIRECTORY', 'aarch64', 0o40000n],
  ['O_DIRECTORY', 'ppc64le', 0o40000n],
  ['O_CREAT', 'mips', 0o400n],
  ['MAP_ANONYMOUS', 'mips', 0x800n],
  ['MAP_ANONYMOUS', 'parisc', 0x10n],
  ['SIGCHLD', 'x86_64', 17n],
  ['SIGCHLD', 'mips', 18n],
  ['SIGSYS', 'mips', 12n],
  ['MCL_CURRENT', 'ppc', 0x2000n],
  ['AT_FDCWD', 's390x', -100n],
  ['CLONE_NEWTIME', 'x86_64', 0x80n],
  ['NO_SUCH', 'x86_64', undefined],
  ['constructor', 'x86_64', undefined],
];

test.each(values)('%s on %s', (word, abi, value) => {
  expect(constantValue(word, abi)).toBe(value);
});

const errnos: readonly (readonly [string, AbiName, number])[] = [
  ['EPERM', 'x86_64', 1],
  ['ENOSYS', 'x86_64', 38],
  ['ENOSYS', 'riscv64', 38],
  ['ENOSYS', 'mips', 89],
  ['ENOSYS', 'mips64n32', 89],
  ['ENOSYS', 'parisc', 251],
  ['EDEADLK', 'ppc', 35],
  ['EADDRINUSE', 'parisc64', 226],
];

test.each(errnos)('%s on %s is %i', (name, abi, number) => {
  expect(errnoNumber(name, abi)).toBe(number);
  expect(errnoName(number, abi)).toBe(name);
});

test('an unknown errno has no name', () => {
  expect(errnoName(4000, 'x86_64')).toBeUndefined();
  expect(errnoNumber('ENOTHING', 'x86_64')).toBeUndefined();
});

const texts: readonly (readonly [string, bigint, string])[] = [
  ['CLONE', 0x10000011n, 'CLONE_NEWUSER|SIGCHLD'],
  [
    'CLONE',
    0x3d0f00n,
    'CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID',
  ],
  ['CLONE', 0x100000000n, '0x100000000'],
  ['CLONE', 0x110000000n, 'CLONE_NEWUSER|0x100000000'],
  ['O', 0x410000n, 'O_RDONLY|O_TMPFILE'],
  ['O', 0o4010002n, 'O_RDWR|O_SYNC'],
  ['S', 0o100644n, 'S_IFREG|0644'],
  ['S', 0n, '0'],
  ['AF', 99n, '99'],
  ['AF', 0xffffffffn, '-1'],
  ['SIG', 40n, '40'],
  ['nothing', 2000n, '0x7d0'],
];

test.each(texts)('%s %i', (group, value, text) => {
  const bits = group === 'AF' || group === 'O' ? 32 : 64;
  expect(constantText(group, value, 'x86_64', bits)).toBe(text);
});

test('a name has one value on an ABI, whatever its group', () => {
  const seen = new Map<string, bigint>();
  for (const name of ['AF', 'O', 'AT', 'AT_ACCESS', 'OPEN_TREE', 'UFFD', 'EFD']) {
    for (const [word, value] of constantGroup(name, 'mips')?.members ?? []) {
      expect(seen.get(word) ?? value, word).toBe(value);
      seen.set(word, value);
    }
  }
});

test('an argument without constants has no group', () => {
  expect(constantGroupOf('read', 'fd')).toBeUndefined();
  expect(constantGroupOf('toString', 'call')).toBeUndefined();
  expect(constantGroupOf('socket', 'family')).toBe('AF');
});

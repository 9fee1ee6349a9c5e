import { describe, expect, it } from 'vitest';
import type { AbiName } from '../../src/syscalls/abi.js';
import { abis } from '../../src/syscalls/abis.js';
import { purposeOf } from '../../src/syscalls/purpose.js';
import { signatureOf } from '../../src/syscalls/signature.js';
import { syscallsOf } from '../../src/syscalls/table.js';

/** `name:bits` of each register, with `s` for signed. */
function shape(name: string, abi: AbiName): string | undefined {
  return signatureOf(name, abi)
    ?.args.map((arg) => `${arg.name}:${arg.signed ? 's' : ''}${arg.bits}`)
    .join(' ');
}

describe('widths and order of arguments', () => {
  const cases: readonly (readonly [string, AbiName, string | undefined])[] = [
    ['socket', 'x86_64', 'family:s32 type:s32 protocol:s32'],
    ['personality', 'x86_64', 'personality:32'],
    ['fchmodat2', 'x86_64', 'dfd:s32 filename:64 mode:16 flags:32'],
    ['kill', 'aarch64', 'pid:s32 sig:s32'],
    ['read', 'x86_64', 'fd:32 buf:64 count:64'],
    ['read', 'x86', 'fd:32 buf:32 count:32'],
    ['read', 'x32', 'fd:32 buf:64 count:64'],
    ['ptrace', 'x86_64', 'request:s64 pid:s64 addr:64 data:64'],
    ['clone', 'x86_64', 'flags:64 newsp:64 parent_tid:64 child_tid:64 tls:64'],
    ['clone', 'aarch64', 'flags:64 newsp:64 parent_tid:64 tls:64 child_tid:64'],
    ['clone', 's390x', 'newsp:64 flags:64 parent_tid:64 child_tid:64 tls:64'],
    ['mmap', 'x86', 'arg:32'],
    ['mmap', 'x86_64', 'addr:64 len:64 prot:64 flags:64 fd:64 off:64'],
    ['pread64', 'x86_64', 'fd:32 buf:64 count:64 pos:s64'],
    ['pread64', 'x86', 'fd:32 buf:32 count:32 pos_lo:32 pos_hi:s32'],
    ['pread64', 'arm', 'fd:32 buf:32 count:32 padding:0 pos_lo:32 pos_hi:s32'],
    ['pread64', 'ppc', 'fd:32 buf:32 count:32 padding:0 pos_hi:s32 pos_lo:32'],
    ['pread64', 'sh', 'fd:32 buf:32 count:32 padding:0 pos_lo:32 pos_hi:s32'],
    ['truncate64', 'x86', 'path:32 length_lo:32 length_hi:s32'],
    ['truncate64', 'mips', 'path:32 padding:0 length_hi:s32 length_lo:32'],
    ['fallocate', 'arm', 'fd:s32 mode:s32 offset_lo:32 offset_hi:s32 len_lo:32 len_hi:s32'],
    ['getpid', 'x86_64', ''],
    ['lock', 'x86', undefined],
    ['socketcall', 'x86_64', undefined],
    ['no_such_call', 'x86_64', undefined],
  ];
  it.each(cases)('%s on %s', (name, abi, expected) => expect(shape(name, abi)).toBe(expected));

  it.each(abis.map((row) => row.name))('every call of %s fits six registers', (abi) => {
    const wrong = syscallsOf(abi).filter(({ name }) => {
      const args = signatureOf(name, abi)?.args ?? [];
      return args.length > 6 || args.some(({ bits }) => ![0, 16, 32, 64].includes(bits));
    });
    expect(wrong).toEqual([]);
  });
});

describe('kinds of arguments', () => {
  const cases = [
    ['openat', 'fd string flags mode'],
    ['write', 'fd pointer size'],
    ['kill', 'pid int'],
    ['clone', 'flags int pointer pointer int'],
    ['mount', 'string string string flags pointer'],
    ['poll', 'pointer int int'],
    ['close_range', 'fd int flags'],
    ['setuid', 'id'],
    ['finit_module', 'fd string flags'],
    ['capset', 'pointer pointer'],
    ['prctl', 'int int int int int'],
  ];
  it.each(cases)('%s: %s', (name, kinds) => {
    expect(
      signatureOf(name, 'x86_64')
        ?.args.map(({ kind }) => kind)
        .join(' '),
    ).toBe(kinds);
  });
});

it('says what a call is for', () => {
  expect(purposeOf('mount')?.category).toBe('mount');
  expect(purposeOf('constructor')).toBeUndefined();
});

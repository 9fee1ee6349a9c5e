import { describe, expect, test } from 'vitest';
import { CallgateError } from '../../src/error.js';
import { parseCallLine } from '../../src/syscalls/callLine.js';

describe('parseCallLine', () => {
  test.each([
    ['x86_64 socket 40 1 0', 'x86_64', 41, [40n, 1n, 0n, 0n, 0n, 0n]],
    ['amd64 452', 'x86_64', 452, [0n, 0n, 0n, 0n, 0n, 0n]],
    ['x32 59', 'x32', 0x4000003b, [0n, 0n, 0n, 0n, 0n, 0n]],
    ['x86 0x66 -1', 'x86', 102, [0xffffffffffffffffn, 0n, 0n, 0n, 0n, 0n]],
    ['  aarch64\tclone3   0x10 # the rest is zero', 'aarch64', 435, [16n, 0n, 0n, 0n, 0n, 0n]],
    ['x86_64 -1', 'x86_64', 0xffffffff, [0n, 0n, 0n, 0n, 0n, 0n]],
  ] as const)('%s', (line, abi, number, args) => {
    expect(parseCallLine(line, 'calls', 1)).toEqual({ abi, number, args });
  });

  test.each(['', '   ', '# nothing'])('"%s" is no call', (line) => {
    expect(parseCallLine(line, 'calls', 1)).toBeUndefined();
  });

  test.each([
    ['amd46 read', 1, 'no architecture is called amd46'],
    ['x86_64', 7, 'a syscall is missing'],
    ['x86_64 raed', 8, 'x86_64 has no syscall raed'],
    ['x86_64 read x', 13, 'x is not a number'],
    ['x86_64 read 0x10000000000000000', 13, '0x10000000000000000 does not fit in 64 bits'],
    ['x86_64 0x100000000', 8, '0x100000000 does not fit in 32 bits'],
    ['x86_64 read 1 2 3 4 5 6 7', 25, 'a call has six arguments at most'],
  ])('%s is refused', (line, column, message) => {
    let error: unknown;
    try {
      parseCallLine(line, 'calls', 3);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CallgateError);
    expect(error).toMatchObject({ code: 'INPUT', message, at: { file: 'calls', line: 3, column } });
  });
});

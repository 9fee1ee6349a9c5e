import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/bpf/encode.js';
import { instruction } from './arbitrary.js';

describe('encode', () => {
  test('struct sock_filter in both byte orders', () => {
    const program = [{ code: 0x15, jt: 1, jf: 2, k: 0xc000003e }];
    expect([...encode(program, 'little')]).toEqual([0x15, 0, 1, 2, 0x3e, 0, 0, 0xc0]);
    expect([...encode(program, 'big')]).toEqual([0, 0x15, 1, 2, 0xc0, 0, 0, 0x3e]);
  });

  test('decode undoes it, also inside a larger buffer', () => {
    fc.assert(
      fc.property(
        fc.array(instruction),
        fc.constantFrom('little' as const, 'big' as const),
        (program, endian) => {
          const bytes = encode(program, endian);
          const larger = new Uint8Array(bytes.length + 5);
          larger.set(bytes, 3);
          expect(decode(larger.subarray(3, 3 + bytes.length), endian)).toEqual(program);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test('a length that is not a multiple of 8 is refused', () => {
    expect(() => decode(new Uint8Array(12), 'little')).toThrow(/12 bytes ends inside an instruction/);
  });
});

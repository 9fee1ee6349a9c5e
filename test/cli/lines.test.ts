import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_LINE, linesOf } from '../../src/cli/io/lines.js';

function all(pieces: readonly Uint8Array[]): readonly string[] {
  return [...linesOf(pieces)].flat();
}

function cutAt(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...pieces, bytes.subarray(at)];
}

describe('lines', () => {
  it('are the same wherever the pieces are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zä€😀 ]{0,12}$/u), { maxLength: 30 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }),
        (lines, sizes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          expect(all(cutAt(bytes, sizes))).toEqual(lines);
        },
      ),
    );
  });

  it('end at the end without a newline, and without a carriage return', () => {
    expect(all([Buffer.from('a\r\nb')])).toEqual(['a', 'b']);
  });

  it('are cut when they are too long, whatever comes after', () => {
    const pieces = [
      ...Array.from({ length: 100 }, () => Buffer.alloc(LONGEST_LINE / 4, 'x')),
      Buffer.from('\nnext\n'),
    ];
    const [long, next, ...more] = all(pieces);
    expect(long).toHaveLength(LONGEST_LINE);
    expect(next).toBe('next');
    expect(more).toEqual([]);
  });
});

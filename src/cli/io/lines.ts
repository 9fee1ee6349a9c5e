import { CallgateError } from '../../error.js';
import { MOST_BYTES } from './input.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** No record of a log is longer; the rest of such a line is left out. */
export const LONGEST_LINE = 1 << 16;

/**
 * Cuts pieces of bytes into lines, without their ends; what it keeps of an unfinished line is bounded.
 *
 * @returns all lines that each piece completes, and at the end the last one
 * @throws CallgateError `INPUT` for a line that does not end (/dev/zero)
 */
export function* linesOf(pieces: Iterable<Uint8Array>): Generator<readonly string[]> {
  let rest = Buffer.alloc(0);
  // Bytes of a line whose rest is left out.
  let skipping = 0;
  for (const piece of pieces) {
    let bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    if (skipping > 0) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) {
        skipping += bytes.length;
        if (skipping > MOST_BYTES)
          throw new CallgateError('INPUT', `a line of more than ${MOST_BYTES} bytes: this is no log`);
        continue;
      }
      bytes = bytes.subarray(end + 1);
      skipping = 0;
    }
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= 0) {
      if (rest.length > 0) {
        const first = bytes.indexOf(NEWLINE);
        yield cut(Buffer.concat([rest, bytes.subarray(0, first)]).toString('utf8'));
        rest = Buffer.alloc(0);
        if (first < last) yield cut(bytes.subarray(first + 1, last).toString('utf8'));
      } else yield cut(bytes.subarray(0, last).toString('utf8'));
      bytes = bytes.subarray(last + 1);
    }
    if (bytes.length === 0) continue;
    rest = Buffer.concat([rest, bytes]);
    if (rest.length > LONGEST_LINE) {
      yield cut(rest.subarray(0, LONGEST_LINE).toString('utf8'));
      skipping = rest.length;
      rest = Buffer.alloc(0);
    }
  }
  if (rest.length > 0) yield cut(rest.toString('utf8'));
}

function cut(text: string): readonly string[] {
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line.length > LONGEST_LINE) lines[index] = line.slice(0, LONGEST_LINE);
    else if (line.charCodeAt(line.length - 1) === RETURN) lines[index] = line.slice(0, -1);
  }
  return lines;
}

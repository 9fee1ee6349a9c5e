import { CallgateError } from '../../../error.js';

/** No list of containers that a person inspects is longer. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Whether a stream begins as the output of `docker inspect` does: a list of objects over several lines, an object over
 * several lines, or a HostConfig in one. A kernel's log begins with `[` and a time, journald's JSON has an object a line.
 */
export function looksLikeInspect(beginning: Uint8Array): boolean {
  const text = new TextDecoder().decode(beginning.subarray(0, 1 << 16)).trimStart();
  if (/^\[\s*[{\]]/.test(text) || /^\{\s*\n/.test(text)) return true;
  const [line = ''] = text.split('\n', 1);
  return line.startsWith('{') && /"(?:HostConfig|SecurityOpt)" *:/.test(line);
}

/** The whole of a stream whose first piece was read. */
export function gathered(first: Uint8Array, rest: Iterable<Uint8Array>): Uint8Array {
  // A piece is only good until the next one is asked for.
  const pieces = [Uint8Array.from(first)];
  let length = first.length;
  for (const piece of rest) {
    length += piece.length;
    if (length > MOST_BYTES)
      throw new CallgateError('INPUT', 'this list of containers is too long', {
        expected: `at most ${MOST_BYTES} bytes`,
      });
    pieces.push(Uint8Array.from(piece));
  }
  return new Uint8Array(Buffer.concat(pieces));
}

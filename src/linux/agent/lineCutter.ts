import { StringDecoder } from 'node:string_decoder';

/** No record of a log is longer; the rest of such a line is left out. */
const LONGEST = 1 << 16;

/** Cuts what comes in pieces into lines; what it keeps of an unfinished line is bounded. */
export function lineCutter(take: (line: string) => void): {
  readonly push: (piece: Uint8Array) => void;
  /** What was unfinished is a line, and the next piece begins one: another file follows. */
  readonly end: () => void;
} {
  let decoder = new StringDecoder('utf8');
  let rest = '';
  let skipping = false;
  const add = (text: string): void => {
    const lines = text.split('\n');
    lines[0] = rest + (lines[0] ?? '');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!skipping) take(line.length > LONGEST ? line.slice(0, LONGEST) : line.replace(/\r$/, ''));
      skipping = false;
    }
    if (rest.length <= LONGEST) return;
    if (!skipping) take(rest.slice(0, LONGEST));
    skipping = true;
    rest = '';
  };
  return {
    push: (piece) => add(decoder.write(Buffer.from(piece))),
    end: () => {
      add(decoder.end());
      if (rest !== '' && !skipping) take(rest);
      decoder = new StringDecoder('utf8');
      rest = '';
      skipping = false;
    },
  };
}

import { expect, it } from 'vitest';
import { processIo } from '../../src/cli/io/io.js';
import { progressLine } from '../../src/cli/output/progress.js';

function told(terminal: boolean): string {
  let text = '';
  const err = (piece: string): void => {
    text += piece;
  };
  const line = progressLine({ ...processIo(), err, columns: 20 }, terminal);
  line.show('12,345 calls recorded, and many more');
  line.show('at once: not shown');
  line.clear();
  return text;
}

it('progress is one line of the terminal, cut to its width, and cleared', () => {
  expect(told(true)).toBe('\r\u001b[K12,345 calls record\r\u001b[K');
});

it('there is no progress without a terminal', () => {
  expect(told(false)).toBe('');
});

import type { Io } from '../io/io.js';

/** One line at the bottom of a terminal that says how far long work is. */
export interface ProgressLine {
  readonly show: (text: string) => void;
  readonly clear: () => void;
}

/** Often enough to see that it goes on. */
const INTERVAL = 100;

/** Shows nothing unless standard error is a terminal. */
export function progressLine(io: Io, terminal = process.stderr.isTTY === true): ProgressLine {
  let last = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    show: (text) => {
      const now = performance.now();
      if (!terminal || now - last < INTERVAL) return;
      last = now;
      shown = true;
      io.err(`\r\u001b[K${text.slice(0, io.columns - 1)}`);
    },
    clear: () => {
      if (shown) io.err('\r\u001b[K');
      shown = false;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { CallgateError } from '../../../error.js';
import { POLLOUT } from '../../../linux/constants.js';
import { libc } from '../../../linux/ffi.js';
import type { Io } from '../../io/io.js';

/** Results of a process that has more to do than to write them. */
export interface SteadyOut {
  readonly out: Io['out'];
  /** Waits a while for what is not written yet, and says what is lost. */
  readonly end: () => Promise<void>;
}

/** Characters that are written at once: fewer bytes than a pipe that is ready takes without waiting (PIPE_BUF). */
const PIECE = 1024;
/** Characters that wait for a slow reader. */
const MOST_WAITING = 1 << 20;
/** Milliseconds between two looks at a pipe that is full, and for the last words. */
const PAUSE = 20;
const MOST_MILLISECONDS = 1000;

/**
 * Standard output of an agent. Containers are answered whether or not somebody reads of it: a reader that has gone or is
 * slow and a full disk are said once and hold nothing up, neither the answers nor a signal that is to end the process.
 *
 * @param isReady whether standard output can be written without waiting
 */
export function steadyOut(
  io: Pick<Io, 'out' | 'err' | 'isUnread'>,
  isReady: () => boolean = isStdoutReady,
): SteadyOut {
  const waiting: string[] = [];
  let [size, lost, torn] = [0, 0, false];
  let timer: NodeJS.Timeout | undefined;
  const said = new Set<string>();
  const lose = (text: string, why: string): void => {
    lost += text.split('\n').length - 1;
    if (said.has(why)) return;
    said.add(why);
    io.err(`callgate: note: ${why}; calls are answered on\n`);
  };
  const write = (text: string): void => {
    try {
      // A line that was written in part is not continued by the next one.
      io.out(torn ? `\n${text}` : text);
      torn = false;
    } catch (error) {
      if (!(error instanceof CallgateError)) throw error;
      torn = true;
      lose(text, error.message);
      return;
    }
    if (io.isUnread?.() === true) lose(text, 'nobody reads standard output any more');
  };
  const writeOn = (): void => {
    timer = undefined;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (!isReady()) {
        timer = setTimeout(writeOn, PAUSE);
        return;
      }
      waiting.shift();
      size -= next.length;
      write(next);
    }
  };
  return {
    out: (text) => {
      if (size > MOST_WAITING) return lose(text, 'standard output is not read fast enough');
      for (let at = 0; at < text.length; at += PIECE) waiting.push(text.slice(at, at + PIECE));
      size += text.length;
      if (timer === undefined) writeOn();
    },
    end: async () => {
      for (const until = Date.now() + MOST_MILLISECONDS; size > 0 && Date.now() < until; ) await sleep(PAUSE);
      clearTimeout(timer);
      if (size > 0) lose(waiting.join(''), 'standard output is not read');
      if (lost > 0) io.err(`callgate: note: ${lost} line${lost === 1 ? ' was' : 's were'} not written\n`);
    },
  };
}

const STDOUT = 1;

/** A pipe without a reader is ready as well: writing says so. */
function isStdoutReady(): boolean {
  const pollfd = new Uint8Array(8);
  const view = new DataView(pollfd.buffer);
  view.setInt32(0, STDOUT, true);
  view.setInt16(4, POLLOUT, true);
  return libc().poll(pollfd, 1, 0) !== 0;
}

import { readInput } from './input.js';
import { isUnread, writeErr, writeFile, writeOut } from './output.js';

/** What a verb may touch of the world; tests hand in their own. */
export interface Io {
  /** Results. */
  readonly out: (text: string) => void;
  /** Whether nobody reads results any more; a verb that has more to do than to give them goes on. */
  readonly isUnread?: () => boolean;
  /** Everything else: notes, progress, errors. */
  readonly err: (text: string) => void;
  /** A whole file; `-` is standard input. */
  readonly read: (path: string) => Uint8Array;
  /** Never half; `mode` is 0666 unless it is given. A device or a pipe is written to, `-` is standard output. */
  readonly write: (path: string, content: string | Uint8Array, mode?: number) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether results go to a terminal that shows colour. */
  readonly colour: boolean;
  readonly columns: number;
}

/** The process's own world. */
export function processIo(): Io {
  return {
    out: writeOut,
    isUnread,
    err: writeErr,
    read: readInput,
    write: writeFile,
    env: process.env,
    // Node makes a stream of standard output when it is first looked at, which takes a while.
    get colour() {
      return wantsColour(process.env, process.stdout.isTTY === true);
    },
    get columns() {
      return process.stdout.columns ?? 100;
    },
  };
}

function wantsColour(env: Io['env'], terminal: boolean): boolean {
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return true;
  return terminal && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb';
}

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

export interface Following {
  readonly stop: () => void;
}

/** Milliseconds between looks. */
const PERIOD = 250;
const PIECE = 1 << 18;
/** Bytes of one look, after which others have their turn. */
const MOST_AT_ONCE = 1 << 22;

export interface FollowOptions {
  readonly path: string;
  readonly take: (piece: Uint8Array) => void;
  /** Another file is there by that name, or it was emptied. */
  readonly onNewFile: () => void;
  readonly onProblem: (text: string) => void;
}

/**
 * Gives what is appended to a file from now on, also when it is renamed and made anew (auditd, logrotate) or emptied. What
 * was written to the old file before it was renamed is read to its end. A file that is not there is waited for.
 */
export function followFile({ path, take, onNewFile, onProblem }: FollowOptions): Following {
  const buffer = Buffer.allocUnsafe(PIECE);
  let fd: number | undefined;
  let position = 0;
  let first = true;
  let told = '';
  const tell = (text: string): void => {
    if (text !== told && text !== '') onProblem(text);
    told = text;
  };
  const open = (): void => {
    try {
      fd = openSync(path, 'r');
      // Only the file that is there at the beginning has a past.
      position = first ? fstatSync(fd).size : 0;
      if (!first) onNewFile();
      tell('');
    } catch (error) {
      tell(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code}; waiting for it`);
    }
    first = false;
  };
  const readOn = (from: number): boolean => {
    const { size } = fstatSync(from);
    if (size < position) {
      position = 0;
      onNewFile();
    }
    for (let taken = 0; taken < MOST_AT_ONCE; ) {
      const count = readSync(from, buffer, 0, PIECE, position);
      if (count === 0) return true;
      position += count;
      taken += count;
      take(buffer.subarray(0, count));
    }
    return false;
  };
  const look = (): void => {
    if (fd === undefined) open();
    if (fd === undefined) return;
    try {
      const { ino, dev } = fstatSync(fd);
      const now = statSync(path, { throwIfNoEntry: false });
      const renamed = now === undefined || now.ino !== ino || now.dev !== dev;
      // Asked before the last read: what was written until the renaming is there by then.
      if (readOn(fd) && renamed && now !== undefined) {
        closeSync(fd);
        fd = undefined;
        open();
        if (fd !== undefined) readOn(fd);
      }
    } catch (error) {
      tell(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
    }
  };
  look();
  const timer = setInterval(look, PERIOD);
  return {
    stop: () => {
      clearInterval(timer);
      if (fd !== undefined) closeSync(fd);
    },
  };
}

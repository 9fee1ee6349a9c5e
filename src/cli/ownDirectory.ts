import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { Io } from './io/io.js';

const PRIVATE = 0o077;

/** Where callgate keeps what it made, for the next time: under $XDG_CACHE_HOME or ~/.cache. */
export function cacheDirectory(env: Io['env']): string | undefined {
  const { XDG_CACHE_HOME, HOME } = env;
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'callgate');
  return HOME !== undefined && isAbsolute(HOME) ? join(HOME, '.cache', 'callgate') : undefined;
}

/** Whether nobody but us can put anything there: root in another user's home is not at home. */
export function isOurs({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return uid === process.geteuid?.() && (mode & PRIVATE) === 0;
}

/** As {@link isOurs}, for a directory that is no link to another one. @throws when it does not exist */
export function isOurDirectory(directory: string): boolean {
  const found = lstatSync(directory);
  return found.isDirectory() && isOurs(found);
}

/** Makes a directory and the one that it lies in, closed to others. @throws when that is not possible */
export function makeOwnDirectory(directory: string): void {
  makeDirectory(dirname(directory));
  makeDirectory(directory);
}

/** Not with all that are missing above it: in /proc, where a HOME may point, Node would try for ever. */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

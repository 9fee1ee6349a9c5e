import { readFileSync } from 'node:fs';

/** What this process may run out of while a command runs. */
export interface Scarcity {
  /** File descriptors: a module might not be read for want of one. */
  readonly files: boolean;
  /** Address space: V8 ends a process in which a new thread finds no room. */
  readonly memory: boolean;
}

/** As many as a process of Node's never has open that reads this program's modules, many at a time. */
const ENOUGH_FILES = 128;

/** By the limits that are set (RLIMIT_NOFILE, RLIMIT_AS). */
export function scarcity(): Scarcity {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = (name: string): number =>
      Number(new RegExp(`^${name} +(\\d+)`, 'm').exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
    return {
      files: soft('Max open files') < ENOUGH_FILES,
      memory: soft('Max address space') < Number.POSITIVE_INFINITY,
    };
  } catch (error) {
    return { files: (error as NodeJS.ErrnoException).code === 'EMFILE', memory: false };
  }
}

import { readFileSync } from 'node:fs';

/** As many as a process of Node's never has open that reads this program's modules, many at a time. */
const ENOUGH = 128;

/** Whether the limit of open files (RLIMIT_NOFILE) is so low that a module might not be read for want of a file descriptor. */
export function filesAreScarce(): boolean {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY) < ENOUGH;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EMFILE';
  }
}

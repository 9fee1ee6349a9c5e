import { CallgateError } from '../../../error.js';
import { MAX_ERRNO } from '../../../linux/constants.js';
import { errnoNumber } from '../../../syscalls/constants.js';

/** The number of an errno that a flag names. @throws {CallgateError} USAGE */
export function errnoFlag(word: string, flag: string): number {
  const number = /^\d{1,4}$/.test(word) ? Number(word) : errnoNumber(word, 'x86_64');
  if (number !== undefined && number >= 1 && number <= MAX_ERRNO) return number;
  throw new CallgateError('USAGE', `${flag} ${word}: no such errno`, {
    expected: 'EPERM, ENOSYS, 13 …',
  });
}

import data from '../../data/syscall-sets.json' with { type: 'json' };
import { CallgateError } from '../error.js';
import { nearestWords } from './nearest.js';

/** Calls that belong together. */
export interface SyscallSet {
  /** With the `@`. */
  readonly name: string;
  readonly purpose: string;
  readonly calls: readonly string[];
}

export const syscallSets: readonly SyscallSet[] = data.sets;

/**
 * The calls of a set.
 *
 * @throws CallgateError `USAGE`, naming the nearest ones
 * @example callsOfSet('@io-uring') // ['io_uring_setup', 'io_uring_enter', 'io_uring_register']
 */
export function callsOfSet(word: string): readonly string[] {
  const found = syscallSets.find(({ name }) => name === word);
  if (found !== undefined) return found.calls;
  const names = syscallSets.map(({ name }) => name);
  const near = nearestWords(word, names);
  throw new CallgateError('USAGE', `no set of calls is called ${word}`, {
    expected: names.join(', '),
    ...(near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {}),
  });
}

import { letsRun } from '../../policy/widening.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import type { Answer, Question } from '../answer.js';
import { type Reaction, reactionsTo } from '../libc.js';
import type { Verdict } from '../verdict.js';

/** Allowed where it was not, or an errno that every known caller copes with where the old answer was fatal to one. */
export function isBetter(was: Answer, now: Answer, question: Question): boolean {
  if (now.action !== undefined && letsRun(now.action)) return true;
  if (was.action === undefined) return false;
  return copesWith(now.verdict, question) && !copesWith(was.verdict, question);
}

/** Whether every caller that is known goes on as if nothing had happened; nobody known: no. */
export function copesWith(verdict: Verdict, question: Question): boolean {
  const reactions = reactionsOf(verdict, question);
  return reactions.length > 0 && reactions.every(({ copes }) => copes);
}

/** What is known of callers that get this verdict. */
export function reactionsOf({ errno }: Verdict, { name, abi }: Question): readonly Reaction[] {
  if (name === undefined || (errno !== 'EPERM' && errno !== 'ENOSYS')) return [];
  return reactionsTo(name, errno, abiOf(abi).bits);
}

export const ENOSYS: Verdict = { action: 'SCMP_ACT_ERRNO', errno: 'ENOSYS' };

import { CallgateError } from '../error.js';
import type { Answer } from '../explain/answer.js';
import { verdictWord } from '../explain/verdict.js';
import { letsRun } from '../policy/widening.js';
import { nearest } from '../profile/nearest.js';
import type { AbiName } from '../syscalls/abi.js';
import { errnoNumber } from '../syscalls/constants.js';
import type { Placed } from './suite.js';

/** Words for verdicts beside errno names and SCMP_ACT_*: those that callgate prints, and `denied`. */
const ACTIONS: Readonly<Record<string, string>> = {
  allowed: 'SCMP_ACT_ALLOW',
  'allowed, logged': 'SCMP_ACT_LOG',
  killed: 'SCMP_ACT_KILL_PROCESS',
  'thread killed': 'SCMP_ACT_KILL_THREAD',
  SIGSYS: 'SCMP_ACT_TRAP',
  traced: 'SCMP_ACT_TRACE',
  supervised: 'SCMP_ACT_NOTIFY',
  'by arguments': 'BY_ARGUMENTS',
};
const ALIASES: Readonly<Record<string, string>> = {
  SCMP_ACT_KILL: 'SCMP_ACT_KILL_THREAD',
};
/** Words for verdicts that are no errno. */
export const verdictWords = (): readonly string[] => [
  'denied',
  ...Object.keys(ACTIONS),
  ...SCMP,
  ...Object.keys(ALIASES),
];

const SCMP = new Set([...Object.values(ACTIONS), 'SCMP_ACT_ERRNO']);

/** Whether an answer is the expected one. */
export type Expectation = (answer: Answer) => boolean;

/**
 * What a word for a verdict asks for: `allowed`, `EPERM`, `errno 95`, `killed`, `SCMP_ACT_TRAP`, `by arguments`, or
 * `denied` for any answer that never lets the call run.
 *
 * @param abi the ABI that numbers the errno
 * @throws CallgateError `INPUT` at the word's place, with the nearest valid one
 * @example readExpectation({ text: 'EPERM', at: { file: 'a', line: 1, column: 1 } }, 'x86_64')
 */
export function readExpectation({ text, at }: Placed, abi: AbiName): Expectation {
  if (text === 'denied') return isDenied;
  const action = ACTIONS[text] ?? ALIASES[text] ?? (SCMP.has(text) ? text : undefined);
  if (action !== undefined) return ({ verdict }) => verdict.action === action;
  const number = /^(?:errno )?(\d{1,4})$/.exec(text)?.[1];
  const errno = number === undefined ? errnoNumber(text, abi) : Number(number);
  if (errno !== undefined) {
    return ({ verdict }) => verdict.action === 'SCMP_ACT_ERRNO' && verdict.errnoNumber === errno;
  }
  const near = nearest(text, [
    ...Object.keys(ACTIONS),
    'denied',
    ...SCMP,
    'EPERM',
    'ENOSYS',
    'EACCES',
    'EINVAL',
  ]);
  throw new CallgateError('INPUT', `${JSON.stringify(text)} is no verdict`, {
    at,
    expected: near === undefined ? 'allowed, denied, EPERM, ENOSYS, killed, by arguments …' : `${near}?`,
  });
}

function isDenied({ verdict, action, cases }: Answer): boolean {
  if (verdict.action !== 'BY_ARGUMENTS') return action !== undefined && isRefusal(action);
  return cases?.every((one) => isRefusal(one.action)) === true;
}

/** A tracer or supervisor decides for itself, so nobody knows. */
const isRefusal = (action: NonNullable<Answer['action']>): boolean =>
  !letsRun(action) && action.kind !== 'trace' && action.kind !== 'notify';

/** What was got, in the words that an expectation takes; the cases where arguments decide. */
export function gotWords({ verdict, cases }: Answer): string {
  const listed = (cases ?? []).slice(0, 6).map(({ when }) => when.join(' or '));
  return listed.length === 0 ? verdictWord(verdict) : `${verdictWord(verdict)} (${listed.join('; ')})`;
}

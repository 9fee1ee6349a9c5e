import type { Action } from '../policy/action.js';
import { type ScmpAction, scmpAction } from '../policy/words.js';
import type { AbiName } from '../syscalls/abi.js';
import { errnoName } from '../syscalls/constants.js';

/** An action in the words of the command's JSON. */
export interface Verdict {
  /** `BY_ARGUMENTS`: arguments decide that were not given. */
  readonly action: ScmpAction | 'BY_ARGUMENTS';
  /** Name of the errno on the call's ABI, e.g. `EPERM`; a number has none when Linux does not use it. */
  readonly errno?: string;
  readonly errnoNumber?: number;
  /** SCMP_ACT_TRACE's message, SCMP_ACT_TRAP's si_errno. */
  readonly data?: number;
}

/** The kernel caps what a filter may return as errno (kernel/seccomp.c: MAX_ERRNO). */
const MAX_ERRNO = 4095;

export function verdictOf(action: Action, abi: AbiName): Verdict {
  switch (action.kind) {
    case 'errno': {
      const number = Math.min(action.errno, MAX_ERRNO);
      const name = errnoName(number, abi);
      return {
        action: scmpAction(action),
        ...(name === undefined ? {} : { errno: name }),
        errnoNumber: number,
      };
    }
    case 'trace':
    case 'trap':
      return { action: scmpAction(action), data: action.data };
    case 'allow':
    case 'log':
    case 'notify':
    case 'kill_thread':
    case 'kill_process':
      return { action: scmpAction(action) };
  }
}

/** One word for tables: `allowed`, `EPERM`, `killed`, `by arguments`. */
export function verdictWord(verdict: Verdict): string {
  switch (verdict.action) {
    case 'SCMP_ACT_ALLOW':
      return 'allowed';
    case 'SCMP_ACT_LOG':
      return 'allowed, logged';
    case 'SCMP_ACT_ERRNO':
      return verdict.errnoNumber === 0 ? 'returns 0' : (verdict.errno ?? `errno ${verdict.errnoNumber}`);
    case 'SCMP_ACT_TRACE':
      return 'traced';
    case 'SCMP_ACT_NOTIFY':
      return 'supervised';
    case 'SCMP_ACT_TRAP':
      return 'SIGSYS';
    case 'SCMP_ACT_KILL_THREAD':
      return 'thread killed';
    case 'SCMP_ACT_KILL_PROCESS':
      return 'killed';
    case 'BY_ARGUMENTS':
      return 'by arguments';
  }
}

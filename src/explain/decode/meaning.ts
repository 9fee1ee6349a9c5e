import { fromReturnValue, RET } from '../../policy/action.js';
import { type ScmpAction, scmpAction } from '../../policy/words.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abiOfCall, auditOnly } from '../../syscalls/abis.js';
import { purposeOf } from '../../syscalls/purpose.js';
import { syscallName } from '../../syscalls/table.js';

/** Everything about a record that follows from its architecture, number and code. */
export interface CallMeaning {
  readonly abi?: AbiName;
  readonly arch?: string;
  readonly auditArch: number;
  readonly number: number;
  readonly syscall?: string;
  readonly action?: ScmpAction;
  readonly meaning: string;
}

const KNOWN_CODES: ReadonlySet<number> = new Set(Object.values(RET));
/** What an audit record's numbers mean. */
export function meaningOf(auditArch: number, number: number, code: number | undefined): CallMeaning {
  const abi = abiOfCall(auditArch, number);
  const foreign = abi === undefined ? auditOnly.find((row) => row.auditArch === auditArch >>> 0) : undefined;
  const name = abi === undefined ? undefined : syscallName(number, abi);
  const action = code === undefined || !KNOWN_CODES.has(code) ? undefined : scmpAction(fromReturnValue(code));
  return {
    ...(abi === undefined ? {} : { abi }),
    ...(foreign === undefined ? {} : { arch: foreign.name }),
    auditArch: auditArch >>> 0,
    number,
    ...(name === undefined ? {} : { syscall: name }),
    ...(action === undefined ? {} : { action }),
    meaning: `${subject(name, number, abi ?? foreign?.name)}: ${actionWords(action, code)}`,
  };
}

/** `fchmodat2 (change the mode of a file)`. */
export function subject(name: string | undefined, number: number, arch: string | undefined): string {
  if (name === undefined)
    return `call ${number} (0x${number.toString(16)}), which ${arch ?? 'this architecture'} does not have`;
  const purpose = purposeOf(name)?.purpose;
  return purpose === undefined ? name : `${name} (${purpose.replace(/\.$/, '')})`;
}

/** What an action does, in words. */
export function actionWords(action: ScmpAction | undefined, code?: number): string {
  switch (action) {
    case 'SCMP_ACT_ALLOW':
      return 'the filter let it run';
    case 'SCMP_ACT_LOG':
      return 'it ran, and the filter had it logged';
    case 'SCMP_ACT_TRACE':
      return 'handed to a tracer; without one it fails with ENOSYS';
    case 'SCMP_ACT_NOTIFY':
      return 'handed to a supervisor';
    case 'SCMP_ACT_ERRNO':
      return 'denied with an errno, which the kernel does not log';
    case 'SCMP_ACT_TRAP':
      return 'denied with the signal SIGSYS';
    case 'SCMP_ACT_KILL_THREAD':
      return 'denied, and the thread was killed';
    case 'SCMP_ACT_KILL_PROCESS':
      return 'denied, and the process was killed';
    case undefined:
      return code === undefined
        ? 'denied with the signal SIGSYS, by a filter’s action TRAP or KILL'
        : `the code 0x${code.toString(16)} is no action of Linux`;
  }
}

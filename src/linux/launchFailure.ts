import { constants } from 'node:os';
import { CallgateError } from '../error.js';
import { EACCES, EBUSY, ENOENT, ENOEXEC, EPERM } from './constants.js';
import { EXECVE_STEP, type Launcher } from './launcher.js';
import { FILTER_STEP } from './script.js';
import { EXIT_LAUNCHER, EXIT_NOT_EXECUTABLE, EXIT_NOT_FOUND } from './table.js';

/** Why a command was not started: `cause` of the CallgateError that tells of it. */
export interface LaunchFailure {
  /** The launcher's step, e.g. `seccomp(SECCOMP_SET_MODE_FILTER)`; `execve` for the command itself. */
  readonly step: string;
  readonly errno: number;
  /** `ENOENT` and the like. */
  readonly code: string;
  /** 125, 126 or 127, as in env(1) and `docker run`. */
  readonly exitCode: number;
}

/** Bytes of a launcher's report: the entry's address and the errno. */
export const REPORT_BYTES = 8;

/** What a launcher wrote on its status fd. */
export function decodeFailure(launcher: Launcher, report: Uint8Array): LaunchFailure {
  const view = new DataView(report.buffer, report.byteOffset, report.byteLength);
  const step = launcher.stepAt(view.getUint32(0, true));
  const errno = view.getUint32(4, true);
  const executing = step === EXECVE_STEP;
  return {
    step,
    errno,
    code: errnoName(errno),
    exitCode: executing ? (errno === ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE) : EXIT_LAUNCHER,
  };
}

/** The failure as an error; the command did not run. */
export function launchError(command: string, failure: LaunchFailure): CallgateError {
  const { step, errno, code } = failure;
  if (step !== EXECVE_STEP) {
    return new CallgateError('HOST', `the launcher of ${command} failed at ${step}: ${code}`, {
      cause: failure,
      ...(step === FILTER_STEP && errno === EBUSY ? { hint: SECOND_LISTENER } : {}),
    });
  }
  const hint = EXECVE_HINT[errno];
  return new CallgateError('HOST', `cannot execute ${command}: ${code}`, {
    cause: failure,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** kernel/seccomp.c: has_duplicate_listener. */
const SECOND_LISTENER =
  'denied calls of this process are reported to another one already, and the kernel takes one listener: run without a report (--no-report), or the other one without';

const EXECVE_HINT: Readonly<Record<number, string>> = {
  [ENOENT]: 'there is no such file on PATH, or the interpreter that it names is missing',
  [EACCES]: 'the file is not executable, or the profile answers EACCES to execve',
  [EPERM]: 'the profile may deny execve; a container with it could not start either',
  [ENOEXEC]: 'it is no program for this machine; a script needs a first line such as #!/bin/sh',
};

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** `EPERM` for 1; `errno N` for a number without a name. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

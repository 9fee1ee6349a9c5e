import { CallgateError } from '../error.js';
import { aarch64 } from './aarch64.js';
import { riscv64 } from './riscv64.js';
import { x86_64 } from './x86_64.js';

/** The system calls that a launcher makes; their numbers differ by architecture. */
export type LauncherCall =
  | 'fcntl'
  | 'prctl'
  | 'capset'
  | 'setgroups'
  | 'setgid'
  | 'setuid'
  | 'clone'
  | 'futex'
  | 'sendmsg'
  | 'close'
  | 'gettid'
  | 'seccomp'
  | 'exit';

/** Addresses and numbers that a launcher's machine code is made for. */
export interface CodeParameters {
  /** First entry of the main table. */
  readonly table: number;
  /** Eight writable bytes for the record of a failure. */
  readonly report: number;
  readonly statusFd: number;
}

/** What a launcher needs to know of a processor. All of them are little-endian and have 64 bits. */
export interface Machine {
  readonly name: 'x86_64' | 'aarch64' | 'riscv64';
  /** e_machine of the ELF header. */
  readonly elfMachine: number;
  /** AUDIT_ARCH_* of native calls. */
  readonly auditArch: number;
  readonly numbers: Readonly<Record<LauncherCall, number>>;
  /** Machine code of the interpreter of a syscall table (see table.ts); its length does not depend on the values. */
  readonly code: (parameters: CodeParameters) => Uint8Array;
}

/** The machine that this process runs on. @throws {CallgateError} HOST when it is not Linux on one of the three. */
export function hostMachine(platform: string = process.platform, arch: string = process.arch): Machine {
  if (platform === 'linux') {
    if (arch === 'x64') return x86_64;
    if (arch === 'arm64') return aarch64;
    if (arch === 'riscv64') return riscv64;
  }
  throw new CallgateError('HOST', `commands cannot be started under a filter on ${platform} ${arch}`, {
    expected: 'Linux on x64, arm64 or riscv64',
    hint: 'the other verbs (why, show, compile, diff …) work everywhere',
  });
}

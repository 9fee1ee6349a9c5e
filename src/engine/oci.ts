import type { Position } from '../error.js';
import type { OciArg } from '../profile/argument.js';

/**
 * `linux.seccomp` of the OCI runtime spec, as an engine hands it to a runtime. Words (actions, operators,
 * architectures) are kept as written: engines do not check them, so their errors are the runtime's.
 */
export interface OciSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  /** Absent and empty mean different things to runc (absent: SPEC_ALLOW). */
  readonly flags?: readonly string[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly syscalls: readonly OciRule[];
}

export interface OciRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args: readonly OciArg[];
  readonly origin: RuleOrigin;
}

/** Which rule of the profile an OCI rule came from. */
export interface RuleOrigin {
  /** 0-based index in the profile's `syscalls`. */
  readonly rule: number;
  /** Absent for built-in defaults, which have no file. */
  readonly at?: Position;
}

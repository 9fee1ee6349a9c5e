import type { Position } from '../error.js';
import type { WritableOci, WritableOciRule } from '../profile/oci.js';

/**
 * `linux.seccomp` of the OCI runtime spec, as an engine hands it to a runtime. Engines do not check its words (actions,
 * operators, architectures), so their errors are the runtime's.
 */
export interface OciSeccomp extends WritableOci {
  readonly syscalls: readonly OciRule[];
}

/** A rule as a runtime gets it, and where it came from. */
export interface OciRule extends WritableOciRule {
  readonly origin: RuleOrigin;
}

/** Which rule of the profile an OCI rule came from. */
export interface RuleOrigin {
  /** 0-based index in the profile's `syscalls`. */
  readonly rule: number;
  /** Absent for built-in defaults, which have no file. */
  readonly at?: Position;
}

import type { CheckLayer } from './check.js';

/** What one layer says to a call. */
export interface Layer {
  readonly layer: 'seccomp' | 'kernel' | CheckLayer | 'path';
  /** `depends`: it denies when `when` holds. */
  readonly verdict: 'denies' | 'passes' | 'depends';
  /** Absent where it passes, or where the program is not told by an errno. */
  readonly errno?: string;
  readonly detail: string;
  readonly when?: string;
  /** The condition is about memory or another process: more words about the call or the host do not decide it. */
  readonly circumstance?: true;
  readonly source?: string;
}

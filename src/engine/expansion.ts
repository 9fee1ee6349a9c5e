import type { Note } from '../profile/profile.js';
import type { OciSeccomp } from './oci.js';

/** What an engine makes of a profile for one container. */
export type Expansion =
  | {
      readonly kind: 'seccomp';
      readonly oci: OciSeccomp;
      readonly dropped: readonly DroppedRule[];
      readonly notes: readonly Note[];
    }
  | { readonly kind: 'unconfined'; readonly reason: string }
  /** In the engine's own words. */
  | { readonly kind: 'error'; readonly message: string };

/** The part of a condition that did not hold. */
export type ConditionField =
  | 'excludes.arches'
  | 'excludes.caps'
  | 'excludes.minKernel'
  | 'includes.arches'
  | 'includes.caps'
  | 'includes.minKernel';

/** A rule that the container does not get, and the first condition that says so. */
export interface DroppedRule {
  /** 0-based index in the profile's `syscalls`. */
  readonly rule: number;
  readonly condition: ConditionField;
  /** The words of the condition that decided: the missing capabilities, the excluding one, the architectures, the kernel. */
  readonly values: readonly string[];
  readonly text: string;
}

import type { Action } from '../policy/action.js';
import type { Policy } from '../policy/policy.js';
import type { OciArg } from '../profile/argument.js';
import type { AbiName } from '../syscalls/abi.js';

/** What a runtime makes of an OCI seccomp configuration. */
export type RuntimeResult = PolicyResult | UnconfinedResult | LoadErrorResult | UnknownResult;

/** A filter that the runtime loads. */
export interface PolicyResult {
  readonly kind: 'policy';
  readonly policy: Policy;
  readonly rules: readonly ResolvedRule[];
  readonly notes: readonly RuntimeNote[];
  /** Instructions that libseccomp's program has at least (without the stub). */
  readonly instructions: number;
  /** runc's ENOSYS stub, where there is one. */
  readonly stub?: Stub;
}

/** The runtime starts the container without a filter. */
export interface UnconfinedResult {
  readonly kind: 'unconfined';
  readonly reason: string;
}

/** The container does not start. */
export interface LoadErrorResult {
  readonly kind: 'loadError';
  /** The runtime's own words, without what it puts around them. */
  readonly message: string;
  /** Why, in ours. */
  readonly reason: string;
  /** The rule that it stumbles over. */
  readonly at?: { readonly rule: number; readonly name?: string; readonly abi?: AbiName };
  /** The architecture that it stumbles over. */
  readonly architecture?: AbiName;
}

/** Nobody has established what this runtime does here. */
export interface UnknownResult {
  readonly kind: 'unknown';
  readonly message: string;
}

/** Numbers above `limits` (and `numbers`) are answered with ENOSYS before any rule is looked at. */
export interface Stub {
  readonly limits: readonly StubLimit[];
  /** The stub answers these numbers too: setup on s390 and s390x. */
  readonly numbers: readonly { readonly abi: AbiName; readonly number: number }[];
}

/** The largest number that a profile names on one audit arch: what is above gets ENOSYS. */
export interface StubLimit {
  readonly abi: AbiName;
  /** Largest number that any rule's name has on this ABI, as in seccomp_data.nr. */
  readonly largest: number;
  /** The name that has it. */
  readonly name: string;
}

/** What became of one name of one rule on one ABI. */
export interface ResolvedRule {
  /** Index in the configuration's `syscalls`. */
  readonly rule: number;
  readonly name: string;
  readonly outcome: RuleOutcome;
  readonly action: Action;
  /** Alternatives; the comparisons of one must all hold. Empty: the rule is unconditional. */
  readonly conditions: readonly (readonly OciArg[])[];
  /** Absent where the outcome is the same on every ABI (`unknown-name`, `redundant`). */
  readonly abi?: AbiName;
  /** As in seccomp_data.nr. */
  readonly number?: number;
  /** The rule went to socketcall or ipc (`number`) and compares argument 0 with this instead of what it says itself. */
  readonly multiplexedCall?: number;
}

/** What became of a rule. */
export type RuleOutcome =
  /** In the filter. */
  | 'applied'
  /** libseccomp does not know the name. */
  | 'unknown-name'
  | 'not-on-abi'
  /** The action is the default one, so the runtime drops the rule, even one that would have narrowed an earlier rule. */
  | 'redundant'
  /** An earlier unconditional rule of the same call wins. */
  | 'shadowed'
  /** An earlier, broader rule with the same action says it already. */
  | 'covered'
  /** A later unconditional rule of the same call took its place. */
  | 'replaced';

/** Something that the runtime does without a word and that a person would want to know. */
export interface RuntimeNote {
  /** Stable word for tools. */
  readonly kind: string;
  readonly text: string;
  readonly source?: string;
}

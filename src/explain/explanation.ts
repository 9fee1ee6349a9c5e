import type { Context } from '../engine/context.js';
import type { ParsedCall } from '../syscalls/call.js';
import type { Case } from './cases.js';
import type { History } from './history.js';
import type { Layer } from './layers/layer.js';
import type { Verdict } from './verdict.js';

/** The whole answer to "what happens to this call there, and why". */
export interface Explanation {
  readonly call: ParsedCall;
  readonly context: Context;
  /** Absent when the container does not start (`loadError`) or the runtime's behaviour is not known (`unknown`). */
  readonly verdict?: Verdict;
  /** Present when arguments decide that were not given. */
  readonly cases?: readonly Case[];
  readonly effect?: Effect;
  /** Who is asked, in the kernel's order: the filter, the kernel, then what is recorded of the call. Absent for a filter without a container. */
  readonly layers?: readonly Layer[];
  /** Why no container starts with this profile, in the words of the engine or runtime. */
  readonly loadError?: string;
  /** What callgate does not know about this context. */
  readonly unknown?: string;
  readonly reasons: readonly Reason[];
  readonly remedies: readonly Remedy[];
  /** What other releases of the engine answer; absent where its own default profile does not decide. */
  readonly history?: History;
}

/** What the program sees. */
export interface Effect {
  /** `runs`, an errno's name, `killed`, `SIGSYS`, `by-arguments`, … */
  readonly result: string;
  readonly by: Layer['layer'];
}

/** One step of the way to an answer: what decided there, and where that is written. */
export interface Reason {
  readonly stage: 'profile' | 'engine' | 'libseccomp' | 'runtime' | 'kernel' | 'libc';
  readonly text: string;
  /** Where this can be looked up: file:line:column, or a project's repository and release. */
  readonly source?: string;
  /** Index in the profile's `syscalls`, where a rule is the reason. */
  readonly rule?: number;
}

/** A way out, with what it opens beside the call that was asked for. */
export interface Remedy {
  readonly kind: 'profile-rule' | 'capability' | 'libseccomp' | 'engine' | 'runtime' | 'image' | 'unconfined';
  readonly title: string;
  /** What the call gets then. */
  readonly verdict: Verdict;
  /** Calls of the native ABI that are allowed, or allowed for more arguments, than before. */
  readonly opens: { readonly count: number; readonly calls: readonly string[] };
  /** What to paste. */
  readonly patch?: string;
  /** What may still be in the way. */
  readonly note?: string;
}

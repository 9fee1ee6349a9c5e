import type { VerdictKind } from '../core/verdictKinds.js';

/** What is watched. */
export interface LiveHead {
  /** `run: npm test`, `watch`. */
  readonly title: string;
  /** The context in one line; absent where containers have their own. */
  readonly context?: string;
}

/** Calls of one kind that were denied, as the supervisor tells them. */
export interface LiveDenial {
  /** Stays the same as the count grows. */
  readonly key: string;
  /** `unshare` */
  readonly call: string;
  /** `unshare(CLONE_NEWUSER)` */
  readonly text: string;
  readonly kind: VerdictKind;
  readonly word: string;
  /** Who decided. */
  readonly rule?: string;
  readonly exe?: string;
  readonly container?: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly lastTime: number;
  readonly count: number;
}

/** Denied calls that belong together. */
export interface LiveGroup
  extends Pick<LiveDenial, 'call' | 'kind' | 'word' | 'rule' | 'exe' | 'container' | 'lastTime' | 'count'> {
  readonly key: string;
  readonly firstTime: number;
  /** The most frequent first; not all of them where there are many. */
  readonly kinds: readonly { readonly text: string; readonly count: number }[];
}

import type { EngineName, RuntimeName } from '../../engine/context.js';
import type { Remedy } from '../explanation.js';
import type { Prediction } from '../predict.js';

/** What a remedy changes, and how it is written down. */
export type Change =
  /** The whole profile with the change made, in the layout that the engine reads. */
  | { readonly kind: 'profile'; readonly text: string; readonly layout: 'docker' | 'oci' }
  | { readonly kind: 'capabilities'; readonly add: readonly string[] }
  | { readonly kind: 'runtime'; readonly name: RuntimeName; readonly version: string }
  | { readonly kind: 'libseccomp'; readonly version: string }
  | { readonly kind: 'engine'; readonly name: EngineName; readonly version: string }
  | { readonly kind: 'image'; readonly images: readonly string[] }
  | { readonly kind: 'unconfined' };

/** A way out that may or may not help. */
export interface Candidate extends Pick<Remedy, 'kind' | 'title' | 'patch' | 'note'> {
  readonly change: Change;
  /** What the container gets with it. */
  readonly after: Prediction;
}

import type { ContextFlags } from './context/contextOptions.js';

/** The flags of `run`. */
export interface RunFlags extends ContextFlags {
  readonly format: 'human' | 'json' | 'github' | 'markdown';
  readonly report: string | boolean;
  readonly follow?: boolean;
  readonly ui?: boolean;
  readonly failOnDenial?: boolean;
  readonly failOnAnyDenial?: boolean;
}

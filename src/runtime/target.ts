import type { RuntimeName } from '../engine/context.js';
import type { AbiName } from '../syscalls/abi.js';

/** Who loads the filter, and where. */
export interface RuntimeTarget {
  readonly runtime: { readonly name: RuntimeName; readonly version: string };
  /** The release that the runtime is linked with. */
  readonly libseccomp: string;
  /** The ABI that the runtime is built for: a filter always has it. */
  readonly nativeAbi: AbiName;
}

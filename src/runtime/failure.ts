import { printable } from '../profile/printable.js';
import type { LoadErrorResult } from './result.js';

/** BPF_MAXINSNS: what the kernel takes at most. */
export const MAX_INSTRUCTIONS = 4096;

export function tooLong(instructions: number): string {
  return `libseccomp's program has at least ${instructions} instructions; the kernel takes ${MAX_INSTRUCTIONS}`;
}

/** Ends the walk through a configuration; the runtime's function returns `result`. */
export class LoadFailure extends Error {
  readonly result: LoadErrorResult;

  constructor(
    message: string,
    reason: string,
    at?: LoadErrorResult['at'] | Required<Pick<LoadErrorResult, 'architecture'>>,
  ) {
    super(message);
    // Words of the profile, which the runtime prints as they are.
    this.result = {
      kind: 'loadError',
      message: printable(message),
      reason,
      ...(at === undefined ? {} : 'architecture' in at ? at : { at }),
    };
  }
}

/** Ends the walk where nobody knows what comes next. */
export class UnknownOutcome extends Error {}

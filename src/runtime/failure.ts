import type { LoadErrorResult } from './result.js';

/** Ends the walk through a configuration; the runtime's function returns `result`. */
export class LoadFailure extends Error {
  readonly result: LoadErrorResult;

  constructor(message: string, reason: string, at?: LoadErrorResult['at']) {
    super(message);
    this.result = { kind: 'loadError', message, reason, ...(at === undefined ? {} : { at }) };
  }
}

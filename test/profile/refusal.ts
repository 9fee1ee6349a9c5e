import { CallgateError } from '../../src/error.js';

/** The error that `read` must throw, as `line:column message | expected`; anything else that it throws passes through. */
export function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (!(error instanceof CallgateError) || error.code !== 'INPUT') throw error;
    const at = error.at === undefined ? '' : `${error.at.line}:${error.at.column} `;
    const expected = error.expected === undefined ? '' : ` | ${error.expected}`;
    return `${at}${error.message}${expected}`;
  }
  return 'was read';
}

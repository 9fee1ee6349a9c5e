import { CallgateError, type Position } from '../../error.js';

/** A foreseen failure on its way from the worker to the page. */
export interface Failure {
  readonly message: string;
  readonly at?: Position;
  readonly expected?: string;
  readonly hint?: string;
}

/** What hints advise that a person can do on the command line only. */
const COMMAND_ONLY = /; --nearest takes it$/;

/** Everything but a CallgateError is a defect: it is shown as one, with its message. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CallgateError) {
    const { message, at, expected, hint } = error;
    return {
      message,
      ...(at === undefined ? {} : { at }),
      ...(expected === undefined ? {} : { expected }),
      ...(hint === undefined ? {} : { hint: hint.replace(COMMAND_ONLY, '') }),
    };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { message: `a defect of callgate: ${text}`, hint: 'please report it with the page’s link' };
}

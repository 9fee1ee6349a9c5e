/** Where something stands in a text: 1-based line and column, as editors count. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What a failure says beside its message. */
export interface ErrorDetails {
  readonly at?: Position;
  /** What would have been right, e.g. `"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", …`. */
  readonly expected?: string;
  /** The next step: a nearest valid word, a flag, a command. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** What kind of failure: words on the command line, a file, a release that is not known, this machine. */
export type ErrorCode =
  /** A file's text is not what its format allows. */
  | 'INPUT'
  /** A word on the command line, or in an option, is not known. */
  | 'USAGE'
  /** A version, engine or name that the data does not hold. */
  | 'UNKNOWN'
  /** The host refused or lacks something (kernel feature, file, permission). */
  | 'HOST';

const MARK = Symbol.for('callgate.error');

/**
 * A failure that callgate foresaw: it is printed as one message without a stack.
 * Everything else that is thrown is a defect and keeps its stack.
 */
export class CallgateError extends Error {
  /** The file that starts a kept plan holds this class too, so an error is known by its mark and not by its class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  readonly [MARK] = true;
  override readonly name = 'CallgateError';
  readonly code: ErrorCode;
  readonly at: Position | undefined;
  readonly expected: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.at = details.at;
    this.expected = details.expected;
    this.hint = details.hint;
  }
}

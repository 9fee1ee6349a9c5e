/** Memory that the agent's thread shares with a reader of strings. */
export interface ReaderData {
  readonly words: Int32Array;
  /** The six registers of the call. */
  readonly args: BigInt64Array;
  /** JSON: ArgumentString[]. */
  readonly answer: Uint8Array;
}

export const READER = {
  /** One of STATE; waited on by both sides. */
  state: 0,
  pid: 1,
  /** Bit n: argument n is a string. */
  mask: 2,
  /** Bytes of the answer. */
  length: 3,
} as const;
export const READER_WORDS = 4;

export const STATE = {
  /** The thread is not there yet. */
  starting: 0,
  idle: 1,
  asked: 2,
  /** Nobody waits for the answer any more: the thread ends. */
  left: 3,
} as const;

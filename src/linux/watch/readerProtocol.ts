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
  idle: 0,
  asked: 1,
  /** Nobody waits for the answer any more: the thread ends. */
  left: 2,
} as const;

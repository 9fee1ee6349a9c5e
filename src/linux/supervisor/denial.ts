/** Calls of one kind that the filter denied, as the supervisor saw them. */
export interface Denial {
  /** Milliseconds since the epoch of the first and the last one. */
  readonly time: number;
  readonly lastTime: number;
  /** Places of the first and the last one in the order of all denied calls of the command, from 0. */
  readonly firstPlace: number;
  readonly lastPlace: number;
  /** Thread that made the first one, in this process's PID namespace; 0 when it is in another one. */
  readonly pid: number;
  /** Its executable as /proc/PID/exe shows it; undefined when that could not be read. */
  readonly exe: string | undefined;
  /** AUDIT_ARCH_* of the call. */
  readonly auditArch: number;
  /** Number as in seccomp_data.nr, unsigned. */
  readonly number: number;
  /** The six registers of the first one. Registers that the call has no argument for hold whatever was in them. */
  readonly args: readonly bigint[];
  /** Strings that its arguments point to. */
  readonly strings: readonly ArgumentString[];
  /** What the call got; 0 means that it seemed to succeed and was not made. */
  readonly errno: number;
  /** How often it happened, with the same executable, number, errno and telling arguments. */
  readonly count: number;
}

/**
 * Text in the caller's memory. Another of its threads may have changed it since the call; the verdict never depends on
 * it, and the kernel says that the call was still waiting after the text was read.
 */
export interface ArgumentString {
  /** 0..5. */
  readonly index: number;
  readonly text: string;
  /** True when only the beginning is given. */
  readonly truncated: boolean;
}

/**
 * What the arguments of a call are, a letter each: `i` an integer of 32 bits and `l` one of 64, whose value tells one
 * kind of call from another; `s` a pointer to a string that the kernel reads; `p` any other pointer, or a value that
 * says nothing (a length, an fd). Calls that are not listed are told apart by their number alone.
 */
export type ArgumentShape = string;

/** Shapes by audit arch and number. */
export type ArgumentShapes = ReadonlyMap<number, ReadonlyMap<number, ArgumentShape>>;

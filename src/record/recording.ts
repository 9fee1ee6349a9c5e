import type { AbiName } from '../syscalls/abi.js';

/**
 * What recorded it. `user-notification`: every call waited for this process (seccomp(2) listener), no privilege needed.
 * `ebpf`: counted inside the kernel at the raw tracepoint sys_enter, as root. The others are logs that were read.
 */
export type Recorder = 'user-notification' | 'ebpf' | 'strace' | 'audit';

/** Values that the recorded argument indices (0..5) had together in one or more calls. */
export interface RecordedArguments {
  readonly values: Readonly<Record<number, bigint>>;
  readonly count: number;
}

/** A kind of call that was seen, whatever became of it. */
export interface RecordedCall {
  readonly abi: AbiName;
  /** As in seccomp_data.nr, so with the x32 bit. */
  readonly number: number;
  readonly count: number;
  /** Present for calls whose arguments were asked for. */
  readonly args?: readonly RecordedArguments[];
  /** True when there were more different values than are kept, so that `args` is not the whole truth. */
  readonly argsIncomplete?: boolean;
}

/** The calls of one or more runs. */
export interface Recording {
  readonly recorder: Recorder;
  readonly calls: readonly RecordedCall[];
  /** Calls that the recorder knows it missed (a full map or buffer, a line that could not be read). */
  readonly lost: number;
}

import type { AbiName } from '../syscalls/abi.js';
import type { RecordedCall, Recorder, Recording } from './recording.js';
import { createTally } from './tally.js';

/** One run of a command, or one log, that a recording was made of. */
export interface Run {
  readonly recorder: Recorder;
  /** Absent for a log. */
  readonly command?: readonly string[];
  /** A log's name. */
  readonly source?: string;
  /** The command's exit code, 128+n when a signal ended it. */
  readonly exit?: number;
  /** All calls that were seen. */
  readonly calls: number;
  /** Calls that the recorder knows it missed. */
  readonly lost: number;
}

/** What one or more runs called, together. */
export interface Runs {
  /** Native ABI of the machine that they ran on. */
  readonly arch: AbiName;
  readonly runs: readonly Run[];
  readonly calls: readonly RecordedCall[];
}

/**
 * A recording as the only run.
 *
 * @example
 * const runs = singleRun('x86_64', { recorder: 'strace', lost: 0, calls: [{ abi: 'x86_64', number: 0, count: 3 }] }, { source: 'log' });
 * runs.runs[0]?.calls; // 3
 */
export function singleRun(
  arch: AbiName,
  { recorder, calls, lost }: Recording,
  about: Pick<Run, 'command' | 'source' | 'exit'>,
): Runs {
  const total = calls.reduce((sum, { count }) => sum + count, 0);
  return { arch, runs: [{ recorder, ...about, calls: total, lost }], calls };
}

/**
 * What any of the runs called. Argument values stay known only for calls whose values were recorded in each run that
 * made them.
 *
 * @param first its architecture is the result's
 * @example
 * const runs = singleRun('x86_64', { recorder: 'strace', lost: 0, calls: [{ abi: 'x86_64', number: 0, count: 3 }] }, { source: 'log' });
 * mergeRuns(runs, runs).calls[0]?.count; // 6
 */
export function mergeRuns(first: Runs, ...more: readonly Runs[]): Runs {
  const tally = createTally();
  for (const { calls } of [first, ...more]) for (const call of calls) tally.merge(call);
  return {
    arch: first.arch,
    runs: [first, ...more].flatMap(({ runs }) => runs),
    calls: tally.calls(),
  };
}

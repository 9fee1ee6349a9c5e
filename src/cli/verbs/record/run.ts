import type { Context } from '../../../engine/context.js';
import { recordCommand } from '../../../linux/record/recordCommand.js';
import type { AskedArguments } from '../../../record/argumentsAsked.js';
import { type Runs, singleRun } from '../../../record/runs.js';
import { outliveTerminal } from '../../hangUp.js';
import type { Io } from '../../io/io.js';
import { progressLine } from '../../output/progress.js';

export interface RunOptions {
  readonly context: Context;
  readonly noNewPrivileges: boolean;
  /** Of a command that is started as root. */
  readonly user: { readonly uid?: number; readonly gid?: number };
  /** Argument indices whose values are recorded. */
  readonly toRecord: AskedArguments;
  readonly recorder: 'auto' | 'user-notification' | 'ebpf';
}

/** A command that was run and recorded. */
export interface RecordedRun {
  readonly exit: number;
  /** Undefined: it was not started. */
  readonly runs: Runs | undefined;
  readonly notes: readonly string[];
}

/**
 * Runs a command with the capabilities of the container that its profile is for, and records it.
 *
 * @throws CallgateError `HOST` when the recorder cannot work here
 */
export async function recordRun(
  words: readonly string[],
  { context, noNewPrivileges, user, toRecord, recorder }: RunOptions,
  io: Io,
): Promise<RecordedRun> {
  const [command = '', ...args] = words;
  // A command that writes to the terminal has it to itself.
  const progress = progressLine(io, process.stderr.isTTY === true && process.stdout.isTTY !== true);
  outliveTerminal();
  const result = await recordCommand(command, args, {
    recorder,
    argumentsOf: toRecord,
    ...(process.geteuid?.() === 0 ? { capabilities: context.capabilities, ...user } : {}),
    ...(noNewPrivileges ? { noNewPrivileges } : {}),
    onProgress: (calls) => progress.show(`callgate: ${calls.toLocaleString('en')} calls recorded`),
  });
  progress.clear();
  const { error, exitCode, recording, notEbpf, leftBehind, recorderLost, missingCapabilities } = result;
  if (error !== undefined) {
    io.err(`callgate: ${error.message}\n${error.hint === undefined ? '' : `  hint: ${error.hint}\n`}`);
    return { exit: exitCode, runs: undefined, notes: [] };
  }
  const notes = [
    ...(recorderLost ? ['the recorder was lost before the command ended: what came after is missing'] : []),
    ...(leftBehind
      ? ['processes of the command still run: what they call now, after its end, is not recorded']
      : []),
    ...(missingCapabilities.length > 0
      ? [`this process could not pass on ${missingCapabilities.join(', ')}`]
      : []),
    ...(notEbpf === undefined ? [] : [`not recorded in the kernel, where it costs less: ${notEbpf}`]),
  ];
  return {
    exit: exitCode,
    runs: singleRun(context.arch, recording, { command: words, exit: exitCode }),
    notes,
  };
}

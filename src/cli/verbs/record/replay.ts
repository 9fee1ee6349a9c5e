import { compile } from '../../../bpf/compile.js';
import type { CallgateError } from '../../../error.js';
import { type DescribedDenial, describeDenial } from '../../../explain/denial.js';
import { filterFlags } from '../../../explain/filterFlags.js';
import type { FilterPrediction } from '../../../explain/predict.js';
import { verdictWord } from '../../../explain/verdict.js';
import { runCommand } from '../../../linux/run.js';
import { abi as abiOf } from '../../../syscalls/abis.js';
import type { RunOptions } from './run.js';

/** A command's run under its recorded profile. */
export interface Replay {
  readonly exit: number;
  /** Why it was not started. */
  readonly error: CallgateError | undefined;
  /** Kinds of call that the profile denied, with how often. */
  readonly denials: readonly (DescribedDenial & { readonly count: number })[];
}

/**
 * Runs a command as it would run in the container, and tells what is denied to it.
 *
 * @param expected calls that are meant to be denied
 */
export async function replay(
  [command = '', ...args]: readonly string[],
  prediction: FilterPrediction,
  { noNewPrivileges, user }: Pick<RunOptions, 'noNewPrivileges' | 'user'>,
  expected: ReadonlySet<string>,
): Promise<Replay> {
  const { context, policy } = prediction;
  const result = await runCommand(command, args, {
    filter: compile(policy, { nativeArch: abiOf(context.arch).auditArch }),
    filterFlags: filterFlags(prediction),
    ...(process.geteuid?.() === 0 ? { capabilities: context.capabilities, ...user } : {}),
    ...(noNewPrivileges ? { noNewPrivileges } : {}),
    onDenial: () => {},
  });
  return {
    exit: result.exitCode,
    error: result.error,
    denials: result.denials
      .map((denial) => ({ ...describeDenial(denial, policy, prediction), count: denial.count }))
      .filter(({ name }) => name === undefined || !expected.has(name)),
  };
}

/** What became of a replay: one line for each call that was denied, with the first example. */
export function replayText(
  { exit, error, denials }: Replay,
  title: string,
  recordedExit: number | undefined,
): string {
  if (error !== undefined) return `callgate: ${title}: not started: ${error.message}\n`;
  const calls = new Map<string, { readonly word: string; readonly example: string; count: number }>();
  for (const { name, text, verdict, count } of denials) {
    const word = `${name ?? text} → ${verdictWord(verdict)}`;
    const known = calls.get(word);
    if (known === undefined) calls.set(word, { word, example: text, count });
    else known.count += count;
  }
  const lines = [
    calls.size === 0
      ? `${title}: nothing was denied`
      : `${title}: ${calls.size} call${calls.size === 1 ? '' : 's'} denied`,
    ...[...calls.values()].map(
      ({ word, example, count }) => `  ${word}, ${count === 1 ? 'once' : `${count} times`}: ${example}`,
    ),
  ];
  if (recordedExit !== undefined && exit !== recordedExit)
    lines.push(`  it ended with ${exit}, the recorded run with ${recordedExit}`);
  return lines.map((line) => `callgate: ${line}\n`).join('');
}

import { scarcity } from '../linux/host/scarcity.js';
import { type RunResult, runCommand } from '../linux/run.js';
import { prepareThread } from '../linux/supervisor/thread.js';
import type { Loaded } from './context/subject.js';
import { userOf } from './context/userFlag.js';
import { tellFailure } from './failure.js';
import type { StartPlan } from './filterCache.js';
import { outliveTerminal } from './hangUp.js';
import type { Io } from './io/io.js';
import { requireWritable } from './io/output.js';
import type { LiveFeed } from './page/liveFeed.js';
import type { RunFlags } from './runFlags.js';

/** How a command is started, and what its filter says, which is loaded on demand when the plan came from the cache. */
export interface Start {
  readonly plan: StartPlan;
  readonly load: () => Promise<Loaded>;
}

/**
 * Runs a command to its end and reports; gives the exit code.
 *
 * @throws {CallgateError} before anything was started
 */
export async function startRun(
  words: readonly string[],
  flags: RunFlags,
  start: Start,
  io: Io,
): Promise<number> {
  if (typeof flags.report === 'string') requireWritable(flags.report);
  if (flags.ui !== true) return supervise(words, flags, start, io);
  const { withPage } = await import('./runReport.js');
  return withPage(words, await start.load(), io, (feed) => supervise(words, flags, start, io, feed));
}

async function supervise(
  [command = '', ...args]: readonly string[],
  flags: RunFlags,
  { plan, load }: Start,
  io: Io,
  feed?: LiveFeed,
): Promise<number> {
  for (const { kind, text } of plan.notes) if (kind !== 'comment') io.err(`callgate: note: ${text}\n`);
  const isLive = flags.follow === true || feed !== undefined;
  // What there might be no room for once the command runs is there before it, or the command is not started.
  const scarce = flags.report === false ? undefined : scarcity();
  if (scarce?.memory === true) await prepareThread();
  const isEarly = isLive || scarce?.files === true;
  const early = isEarly ? { ...(await import('./runReport.js')), loaded: await load() } : undefined;
  const onDenial = isLive && early !== undefined ? early.listener(flags, early.loaded, io, feed) : () => {};
  outliveTerminal();
  const result = await runCommand(command, args, {
    filter: plan.filter,
    filterFlags: plan.filterFlags,
    ...(process.geteuid?.() === 0 ? { capabilities: plan.capabilities, ...userOf(flags.user) } : {}),
    ...(plan.noNewPrivileges ? { noNewPrivileges: true } : {}),
    ...(flags.report === false ? {} : { onDenial }),
    supervisor: isEarly ? 'at once' : 'on demand',
  });
  epilogue(result, io);
  return afterwards(command, result, flags, io, async () => {
    const { reportRun } = early ?? (await import('./runReport.js'));
    return reportRun([command, ...args], result, early?.loaded ?? (await load()), flags, io);
  });
}

/** The exit code: the command's own, whatever becomes of the report, unless denied calls are to count. */
async function afterwards(
  command: string,
  { denials, unlisted, supervisorLost, exitCode }: RunResult,
  flags: RunFlags,
  io: Io,
  report: () => Promise<number>,
): Promise<number> {
  const total = denials.reduce((sum, { count }) => sum + count, unlisted);
  const mustKnow = flags.failOnDenial === true || flags.failOnAnyDenial === true;
  // Nothing was denied and nobody asked for more: there is nothing to load for a report.
  const isSilent = total === 0 && flags.format === 'human' && typeof flags.report !== 'string';
  let code = exitCode;
  if (flags.report !== false && !isSilent) {
    try {
      code = await report();
    } catch (error) {
      tellFailure(error, io);
      io.err(`callgate: no report of ${total} denied calls; ${command} ended with ${exitCode}\n`);
      // Whether the callers cope is not known.
      if (mustKnow && total > 0 && code === 0) code = 1;
    }
  }
  // What a lost supervisor did not hear of may have been denied.
  return mustKnow && supervisorLost && code === 0 ? 1 : code;
}

function epilogue({ error, missingCapabilities, supervisorLost, signal }: RunResult, io: Io): void {
  if (error !== undefined)
    io.err(`callgate: ${error.message}\n${error.hint === undefined ? '' : `  hint: ${error.hint}\n`}`);
  if (missingCapabilities.length > 0) {
    io.err(`callgate: note: this process could not pass on ${missingCapabilities.join(', ')}\n`);
  }
  if (supervisorLost)
    io.err('callgate: the supervisor was lost: later denied calls got ENOSYS and are not reported\n');
  if (signal === 'SIGSYS')
    io.err(
      'callgate: the filter ended the command (SIGSYS): the call is in the kernel’s log, if that is kept\n',
    );
}

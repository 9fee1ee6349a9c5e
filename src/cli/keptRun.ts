import type { Io } from './io/io.js';
import { keptPlan, planCache } from './keptPlan.js';
import { startRun } from './startRun.js';

/**
 * `run WORDS -- COMMAND…` as it was understood an earlier time, without reading the words anew: they are what the plan
 * is kept under. Undefined for every other line, and when there is no plan.
 *
 * @throws {CallgateError}
 */
export async function keptRun(argv: readonly string[], io: Io): Promise<number | undefined> {
  const end = argv.indexOf('--');
  const words = argv.slice(1, end);
  const command = argv.slice(end + 1);
  // A command like an option might not be one: `--` may be the value of the word before it.
  if (argv[0] !== 'run' || end < 0 || (command[0] ?? '-').startsWith('-')) return undefined;
  const plan = keptPlan(planCache(words, io));
  if (plan === undefined) return undefined;
  const load = async () => (await import('./startPlan.js')).loadPlan(plan.flags, io);
  return startRun(command, plan.flags, { plan, load }, io);
}

import { release } from 'node:os';
import { findConfig, namesNoContext } from './context/findConfig.js';
import { type FilterCache, filterCache, type StartPlan } from './filterCache.js';
import type { Io } from './io/io.js';

/**
 * Where the plan for the words between `run` and its command is kept: all that it depends on are these words, the files
 * that they name and the host.
 */
export function planCache(words: readonly string[], io: Io): FilterCache {
  return filterCache([words, [release(), process.arch, process.geteuid?.()]], io);
}

/** The plan of an earlier run with the same words. */
export function keptPlan(cache: FilterCache): StartPlan | undefined {
  const plan = cache.get();
  // The project's configuration may have come since.
  return plan !== undefined && namesNoContext(plan.flags) && findConfig() !== undefined ? undefined : plan;
}

import type { ContextFlags } from './context/contextOptions.js';
import { findConfig, namesNoContext } from './context/findConfig.js';
import type { Loaded } from './context/subject.js';
import type { StartPlan } from './filterCache.js';
import type { Io } from './io/io.js';
import { keptPlan, planCache } from './keptPlan.js';
import type { RunFlags } from './runFlags.js';
import type { Start } from './startRun.js';

/** The flags of the context whose words, with the files that they name, are all that a plan depends on. */
const CACHED: ReadonlySet<string> = new Set<keyof ContextFlags>([
  'engine',
  'runtime',
  'libseccomp',
  'kernel',
  'arch',
  'platform',
  'capAdd',
  'capDrop',
  'privileged',
  'securityOpt',
  'user',
  'profile',
  'like',
  'nearest',
]);

/**
 * The plan for a command line, from the cache when nothing has changed since it was made.
 *
 * @param words those between `run` and its command, which the flags were read from
 * @throws {CallgateError}
 */
export async function startPlan(words: readonly string[], flags: RunFlags, io: Io): Promise<Start> {
  if (!isCacheable(contextOf(flags))) return make(flags, io);
  const cache = planCache(words, io);
  const plan = keptPlan(cache);
  if (plan !== undefined) return { plan, load: () => loadPlan(flags, io) };
  const made = await make(flags, cache.remembering());
  cache.put(made.plan);
  return made;
}

/** What a plan's filter says, for a plan that came from the cache. @throws {CallgateError} */
export async function loadPlan(flags: RunFlags, io: Io): Promise<Loaded> {
  return (await make(flags, io)).load();
}

/** The flags that say which container is meant. */
function contextOf({
  format: _,
  report: _r,
  follow: _f,
  ui: _u,
  failOnDenial: _d,
  failOnAnyDenial: _a,
  ...context
}: RunFlags): ContextFlags {
  return context;
}

/** A process, a container and this host may be different ones the next time. */
function isCacheable(flags: ContextFlags): boolean {
  const entries = Object.entries(flags).filter(([, value]) => value !== undefined);
  if (namesNoContext(flags) && findConfig() !== undefined) return false;
  const words = [flags.like, flags.profile, ...(flags.securityOpt ?? [])].join(' ');
  return entries.every(([name]) => CACHED.has(name)) && !/\b(pid|container):|\bhere\b/.test(words);
}

async function make(flags: RunFlags, io: Io): Promise<Start> {
  const [{ hostKernel, resolveFlags }, { load, programOf }, { filterFlags }] = await Promise.all([
    import('./context/contextFlags.js'),
    import('./context/subject.js'),
    import('../explain/filterFlags.js'),
  ]);
  const subject = await resolveFlags(contextOf(flags), io, hostKernel());
  const loaded = await load(subject, io);
  const plan: StartPlan = {
    flags,
    filter: programOf(loaded),
    filterFlags: loaded.prediction === undefined ? [] : filterFlags(loaded.prediction),
    capabilities: loaded.context.capabilities,
    noNewPrivileges: subject.resolved.noNewPrivileges,
    notes: loaded.notes.map(({ kind, text }) => ({ kind, text })),
  };
  return { plan, load: async () => loaded };
}

import { release } from 'node:os';
import type { ContextFlags } from './contextOptions.js';
import { filterCache, type StartPlan } from './filterCache.js';
import { findConfig, namesNoContext } from './findConfig.js';
import type { Io } from './io.js';
import type { Loaded } from './subject.js';

/** How a command is started, and what its filter says, which is loaded on demand when the plan came from the cache. */
export interface Start {
  readonly plan: StartPlan;
  readonly load: () => Promise<Loaded>;
}

/** The flags whose words, with the files that they name, are all that a plan depends on. */
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
 * @param flags those of the context alone
 * @throws {CallgateError}
 */
export async function startPlan(flags: ContextFlags, io: Io): Promise<Start> {
  if (!isCacheable(flags)) return make(flags, io);
  const host = [release(), process.arch, process.geteuid?.()];
  const cache = filterCache([flags, host], io);
  const plan = cache.get();
  if (plan !== undefined) return { plan, load: async () => (await make(flags, io)).load() };
  const made = await make(flags, cache.io);
  cache.put(made.plan);
  return made;
}

/** A process, a container and this host may be different ones the next time. */
function isCacheable(flags: ContextFlags): boolean {
  const entries = Object.entries(flags).filter(([, value]) => value !== undefined);
  if (namesNoContext(flags) && findConfig() !== undefined) return false;
  const words = [flags.like, flags.profile, ...(flags.securityOpt ?? [])].join(' ');
  return entries.every(([name]) => CACHED.has(name)) && !/\b(pid|container):|\bhere\b/.test(words);
}

async function make(flags: ContextFlags, io: Io): Promise<Start> {
  const [{ hostKernel, resolveFlags }, { load, programOf }, { filterFlags }] = await Promise.all([
    import('./contextFlags.js'),
    import('./subject.js'),
    import('../explain/filterFlags.js'),
  ]);
  const subject = await resolveFlags(flags, io, hostKernel());
  const loaded = await load(subject, io);
  const plan: StartPlan = {
    filter: programOf(loaded),
    filterFlags: loaded.prediction === undefined ? [] : filterFlags(loaded.prediction),
    capabilities: loaded.context.capabilities,
    noNewPrivileges: subject.resolved.noNewPrivileges,
    notes: loaded.notes.map(({ kind, text }) => ({ kind, text })),
  };
  return { plan, load: async () => loaded };
}

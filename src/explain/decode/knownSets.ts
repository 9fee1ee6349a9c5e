import { loadDefaults } from '../../engine/defaults.js';
import { capabilities } from '../../syscalls/capabilities.js';
import type { CapabilitiesRecord } from './record.js';

/** A set that an engine gives, for comparison. */
export interface KnownSet {
  readonly title: string;
  readonly names: readonly string[];
}

/** What containers have by default, engine by engine at its newest release. */
export async function knownSets(): Promise<readonly KnownSet[]> {
  const sets: KnownSet[] = [];
  for (const engine of ['docker', 'podman'] as const) {
    const { releases, defaultCapabilities } = await loadDefaults(engine);
    const newest = releases.at(-1);
    const names = newest === undefined ? undefined : defaultCapabilities(newest.version);
    if (names !== undefined)
      sets.push({ title: `${engine === 'docker' ? 'Docker' : 'Podman'}’s default`, names });
  }
  return sets;
}

/**
 * A record's bounding set (or its only one) told as a difference from what it is nearest to, which says whether it is that of a container or
 * of the host; undefined when it is near to none.
 */
export function nearness(record: CapabilitiesRecord, known: readonly KnownSet[]): string | undefined {
  const set = record.sets.find(({ set: name }) => name === 'bounding') ?? record.sets[0];
  return set === undefined ? undefined : nearnessOf(set.names, known);
}

/** As {@link nearness}, for full names. */
export function nearnessOf(held: readonly string[], known: readonly KnownSet[]): string | undefined {
  if (held.length === 0) return undefined;
  const has = new Set(held);
  const missing = capabilities.filter(({ name }) => !has.has(name));
  if (missing.length === 0) return 'every capability of Linux: the host, or a privileged container';
  const told = known.map(({ title, names }) => {
    const wanted = new Set(names);
    const more = held.filter((name) => !wanted.has(name));
    const less = names.filter((name) => !has.has(name));
    return { title, more, less, distance: more.length + less.length };
  });
  const [best] = told.sort((a, b) => a.distance - b.distance);
  if (best !== undefined && best.distance <= 6) {
    const changes = [
      ...best.more.map((name) => `+${short(name)}`),
      ...best.less.map((name) => `-${short(name)}`),
    ];
    return `${best.title} set of capabilities${changes.length === 0 ? '' : ` ${changes.join(' ')}`}`;
  }
  return missing.length <= 6
    ? `every capability but ${missing.map(({ name }) => short(name)).join(', ')}`
    : undefined;
}

const short = (name: string): string => name.replace(/^CAP_/, '');

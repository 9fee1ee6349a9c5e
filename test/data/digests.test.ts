import { describe, expect, it } from 'vitest';
import digests from '../../data/digests.json' with { type: 'json' };
import { canonicalProfile, digest } from '../../scripts/profiles/canonical.js';
import type { EngineName } from '../../src/engine/context.js';
import { loadDefaults } from '../../src/engine/defaults.js';

/** Releases whose default profile the data holds, and all releases it lists. */
const RELEASES: readonly (readonly [EngineName, number, number])[] = [
  ['docker', 212, 212],
  ['containerd', 182, 182],
  ['cri-o', 287, 287],
  ['podman', 174, 174],
  ['buildah', 215, 227],
];

describe('every stored default profile re-expands to what was imported', () => {
  it.each(RELEASES)('%s: %d of %d releases', async (engine, withProfile, all) => {
    const { releases, profile } = await loadDefaults(engine);
    const expected = new Map<string, string>();
    for (const [sum, versions] of Object.entries(digests[engine])) {
      for (const version of versions) expected.set(version, sum);
    }
    expect(releases.length).toBe(all);
    expect(expected.size).toBe(withProfile);
    const wrong = releases.filter(({ version }) => {
      const expanded = profile(version);
      return (expanded && digest(canonicalProfile(expanded))) !== expected.get(version);
    });
    expect(wrong.map(({ version }) => version)).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalProfile, canonicalRaw } from '../../scripts/profiles/canonical.js';
import type { RawProfile } from '../../scripts/profiles/rawProfile.js';
import type { EngineName } from '../../src/engine/context.js';
import { loadDefaults } from '../../src/engine/defaults.js';

/** A maintainer's snapshot, the one that the import scripts read; nobody else needs it, since digests.json speaks for it. */
const SNAPSHOT = process.env['CALLGATE_SNAPSHOT'] ?? '';
const PROFILES = join(SNAPSHOT, 'profiles');

interface Row {
  readonly version: string;
  readonly file?: string;
  readonly daemonFile?: string;
  readonly profile?: string;
  readonly builtin?: string;
}

function rows(path: string): readonly Row[] {
  return JSON.parse(readFileSync(join(PROFILES, path), 'utf8'));
}

function consumers(engine: 'podman' | 'buildah'): readonly Row[] {
  return JSON.parse(readFileSync(join(PROFILES, 'containers-common/consumers.json'), 'utf8'))[engine];
}

describe.skipIf(SNAPSHOT === '')('default profiles against the snapshot', () => {
  const engines: readonly (readonly [EngineName, string, () => readonly Row[]])[] = [
    ['docker', 'docker', () => rows('docker/releases.json')],
    ['containerd', 'containerd', () => rows('containerd/releases.json')],
    ['cri-o', 'cri-o', () => rows('cri-o/releases.json')],
    ['podman', 'containers-common', () => consumers('podman')],
    ['buildah', 'containers-common', () => consumers('buildah')],
  ];
  it.each(engines)('%s', async (engine, directory, list) => {
    const { profile } = await loadDefaults(engine);
    const differing: string[] = [];
    for (const { version, file, daemonFile, profile: path, builtin } of list()) {
      const name = daemonFile ?? file ?? path ?? builtin;
      const expanded = profile(version);
      if (name === undefined) {
        if (expanded !== undefined) differing.push(version);
        continue;
      }
      const raw: RawProfile = JSON.parse(readFileSync(join(PROFILES, directory, name), 'utf8'));
      if (expanded === undefined || canonicalProfile(expanded) !== canonicalRaw(raw)) differing.push(version);
    }
    expect(differing).toEqual([]);
  });

  it('has no comment of a source in the data', () => {
    const comments = readdirSync(PROFILES, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.json'))
      .flatMap((path): readonly RawProfile['syscalls'][] => {
        const raw = JSON.parse(readFileSync(join(PROFILES, path), 'utf8'));
        return 'syscalls' in raw ? [raw.syscalls] : [];
      })
      .flat()
      .flatMap((rule) => ('comment' in rule && typeof rule.comment === 'string' ? rule.comment : []))
      .filter((comment) => comment.length > 0);
    const stored = readdirSync('data/engines')
      .map((file) => readFileSync(join('data/engines', file), 'utf8'))
      .join();
    expect(comments.filter((comment) => stored.includes(JSON.stringify(comment)))).toEqual([]);
  });
});

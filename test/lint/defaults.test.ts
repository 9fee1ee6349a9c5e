import { describe, expect, it } from 'vitest';
import { loadDefaults } from '../../src/engine/defaults.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { lint } from '../../src/lint/lint.js';
import { formatDocker } from '../../src/profile/format.js';
import { readProfile } from '../../src/profile/read.js';
import { compareVersions } from '../../src/versions.js';
import { ALLOWED } from './allowed.js';

const { releases, profile: profileOf, profileId } = await loadDefaults('docker');

/** The twenty newest contents, each by the newest release that has it. */
function newestDefaults(): readonly string[] {
  const seen = new Set<string>();
  const sorted = [...releases].sort((a, b) => compareVersions(b.version, a.version));
  for (const { version } of sorted) {
    const id = profileId(version);
    if (id === undefined || seen.has(id)) continue;
    seen.add(id);
    found.push(version);
    if (found.length === 20) break;
  }
  return found;
}
const found: string[] = [];

async function findingsOf(version: string): Promise<readonly string[]> {
  const stored = profileOf(version);
  if (stored === undefined) throw new Error(`docker ${version} has no default profile`);
  const text = formatDocker(stored);
  const profile = readProfile(text, 'default.json');
  const { context } = await resolveContext({ engine: `docker@${version}`, arch: 'amd64', profile });
  const findings = await lint({ profile, text, context });
  return findings.map((finding) => `${finding.rule}: ${finding.text}`);
}

describe('Docker’s twenty newest default profiles', async () => {
  const versions = newestDefaults();
  const all = new Map(
    await Promise.all(versions.map(async (version) => [version, await findingsOf(version)] as const)),
  );

  it.each(versions)('%s: every finding is one that a comment justifies', (version) => {
    const unjustified = all
      .get(version)
      ?.filter((text) => !ALLOWED.some(({ finding }) => finding.test(text)));
    expect(unjustified).toEqual([]);
  });

  it('there are twenty', () => expect(versions).toHaveLength(20));

  it.each(ALLOWED)('$finding is found at all', ({ finding }) => {
    expect([...all.values()].flat().some((text) => finding.test(text))).toBe(true);
  });
});

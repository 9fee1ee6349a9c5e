import { describe, expect, test } from 'vitest';
import { profileTargets } from '../../src/suite/profileTargets.js';
import { readSuite } from '../../src/suite/readSuite.js';
import { runSuite } from '../../src/suite/runSuite.js';

/** Each claim's words and what came of it; profiles are read from a table. */
async function tried(
  suite: string,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const targets = profileTargets((path) => files[path] ?? '', { hostArch: 'x86_64' });
  const { results } = await runSuite(readSuite(suite, 'a.test.yaml'), targets);
  return results.map(({ ok, claim, got }) => `${ok ? '✓' : '✗'} ${claim} → ${got}`);
}

const ALLOWS_READ =
  '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}';

describe('profileTargets', () => {
  test.each([
    [
      'a release',
      'contexts: {old: docker@20.10.9}\ntests: [{calls: {clone3: EPERM}}]',
      '✓ clone3: EPERM → EPERM',
    ],
    [
      'flags',
      'contexts: {admin: {engine: docker@20.10.9, cap-add: SYS_ADMIN}}\ntests: [{calls: {mount: EPERM}}]',
      '✗ mount: EPERM → allowed',
    ],
    [
      'a profile of the suite',
      'profile: p.json\ncontexts: {new: docker}\ntests: [{calls: {write: EPERM}}]',
      '✓ write: EPERM → EPERM',
    ],
    [
      'the default of another release',
      'contexts: {a: {engine: docker@28.5.2, profile: docker@20.10.9}}\ntests: [{calls: {clone3: ENOSYS}}]',
      '✗ clone3: ENOSYS → EPERM',
    ],
    [
      'no filter',
      'contexts: {a: {profile: unconfined}}\ntests: [{calls: {mount: allowed}}]',
      '✓ mount: allowed → allowed',
    ],
    [
      'no start',
      'contexts: {a: {like: docker@20.10.9, profile: bad.json}}\ntests: [{calls: {mount: allowed}}]',
      expect.stringMatching(/^✗ mount: allowed → no container starts/),
    ],
  ])('%s', async (_, suite, expected) => {
    const bad = '{"defaultAction": "SCMP_ACT_NOTIFY"}';
    expect(await tried(suite, { 'p.json': ALLOWS_READ, 'bad.json': bad })).toEqual([expected]);
  });

  test('what a profile is compared with: a file, a release', async () => {
    const suite =
      'profile: p.json\ncontexts: {new: docker@28.5.2}\ntests: [{within: docker@28.5.2, equals: p.json}]';
    expect((await tried(suite, { 'p.json': ALLOWS_READ })).map((line) => line.charAt(0))).toEqual(['✓', '✓']);
  });

  test.each([
    ['within: pid:1', 'pid:'],
    ['within: bpf:filter', 'bpf:'],
  ])('%s is refused', async (claim, word) => {
    const suite = `contexts: {new: docker}\ntests: [{${claim}}]`;
    await expect(tried(suite)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`${word} is no profile`),
    });
  });

  test('a file that describes a container is refused', async () => {
    const suite = 'contexts: {a: {from-compose: compose.yaml}}\ntests: [{calls: {read: allowed}}]';
    await expect(tried(suite)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

import { describe, expect, test } from 'vitest';
import { loadDefaults } from '../../src/engine/defaults.js';
import { proveEquals } from '../../src/explain/proof.js';
import { formatDocker } from '../../src/profile/format.js';
import type { Profile } from '../../src/profile/profile.js';
import { readProfile } from '../../src/profile/read.js';
import { updateProfile } from '../../src/profile/update.js';
import { inProcess } from '../cli/inProcess.js';
import { policyOfProfile } from '../explain/targets.js';

const arg = (value: number, op = 'SCMP_CMP_EQ') => ({ index: 0, value, op });
const allow = (names: readonly string[], more = {}) => ({ names, action: 'SCMP_ACT_ALLOW', ...more });
const denied = (names: readonly string[], more = {}) => ({ names, action: 'SCMP_ACT_ERRNO', ...more });

function profile(...syscalls: readonly object[]): Profile {
  return readProfile(
    JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }, undefined, 1),
    'mine.json',
  );
}

const rulesOf = (updated: Profile) => (JSON.parse(formatDocker(updated)) as { syscalls: object[] }).syscalls;

async function docker(version: string): Promise<Profile> {
  const found = (await loadDefaults('docker')).profile(version);
  if (found === undefined) throw new Error(version);
  return found;
}

/** ours, old default, new default → rules of the result, or the conflict. */
const table: readonly (readonly [
  title: string,
  ours: readonly object[],
  old: readonly object[],
  theirs: readonly object[],
  result: readonly object[],
  conflicts?: readonly string[],
])[] = [
  [
    'theirs added',
    [allow(['read'])],
    [allow(['read'])],
    [allow(['read', 'write'])],
    [allow(['read', 'write'])],
  ],
  ['theirs removed', [allow(['a', 'b'])], [allow(['a', 'b'])], [allow(['b'])], [allow(['b'])]],
  ['ours added', [allow(['a', 'x'])], [allow(['a'])], [allow(['a', 'b'])], [allow(['a', 'b', 'x'])]],
  ['ours removed', [allow(['a'])], [allow(['a', 'b'])], [allow(['a', 'b', 'c'])], [allow(['a', 'c'])]],
  [
    'both the same',
    [denied(['a'], { errnoRet: 38 })],
    [],
    [denied(['a'], { errnoRet: 38 })],
    [denied(['a'], { errnoRet: 38 })],
  ],
  ['EPERM in other words', [denied(['a'])], [denied(['a'], { errnoRet: 1 })], [], []],
  [
    'theirs changed the action of one of a group',
    [allow(['a', 'b']), allow(['x'])],
    [allow(['a', 'b'])],
    [allow(['a']), denied(['b'], { errnoRet: 38 })],
    [allow(['a']), allow(['x']), denied(['b'], { errnoRet: 38 })],
  ],
  [
    'both added values',
    [allow(['p'], { args: [arg(0)] }), allow(['p'], { args: [arg(9)] })],
    [allow(['p'], { args: [arg(0)] })],
    [allow(['p'], { args: [arg(0)] }), allow(['p'], { args: [arg(8)] })],
    [allow(['p'], { args: [arg(0)] }), allow(['p'], { args: [arg(9)] }), allow(['p'], { args: [arg(8)] })],
  ],
  [
    'both changed it',
    [allow(['a', 'c'])],
    [denied(['c'])],
    [denied(['c'], { errnoRet: 38 })],
    [allow(['a', 'c'])],
    ['mine.json:7:5 c: SCMP_ACT_ERRNO | SCMP_ACT_ERRNO, errno 38 | SCMP_ACT_ALLOW'],
  ],
  [
    'ours removed what theirs changed',
    [],
    [allow(['a'])],
    [allow(['a'], { includes: { caps: ['CAP_SYS_ADMIN'] } })],
    [],
    ['a: SCMP_ACT_ALLOW | SCMP_ACT_ALLOW, with CAP_SYS_ADMIN | '],
  ],
  [
    'a comment and a grouping of ours stay',
    [allow(['b', 'a'], { comment: 'ours' })],
    [allow(['a']), allow(['b'])],
    [allow(['a']), allow(['b']), allow(['c'])],
    [allow(['b', 'a', 'c'], { comment: 'ours' })],
  ],
  [
    'an old single name',
    [
      { name: 'a', action: 'SCMP_ACT_ALLOW' },
      { name: 'b', action: 'SCMP_ACT_ALLOW' },
    ],
    [allow(['a', 'b'])],
    [allow(['b', 'c'])],
    [{ name: 'b', action: 'SCMP_ACT_ALLOW' }, allow(['c'])],
  ],
];

describe('updateProfile', () => {
  test.each(
    table.map(
      ([title, ours, old, theirs, result, conflicts = []]) =>
        [title, ours, old, theirs, result, conflicts] as const,
    ),
  )('%s', (_, ours, old, theirs, result, conflicts) => {
    const updated = updateProfile(profile(...ours), profile(...old), profile(...theirs));
    expect(rulesOf(updated.profile)).toEqual(result);
    expect(
      updated.conflicts.map(({ what, at, old: was, theirs: next, ours: mine }) => {
        const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column} `;
        return `${place}${what}: ${[was, next, mine].map((rules) => rules.join('; ')).join(' | ')}`;
      }),
    ).toEqual(conflicts);
  });

  test('fields beside the rules', () => {
    const [ours, old, theirs] = [
      {
        defaultAction: 'SCMP_ACT_ERRNO',
        flags: ['SECCOMP_FILTER_FLAG_LOG'],
        architectures: ['SCMP_ARCH_X86'],
      },
      { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86_64'] },
      { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38, architectures: ['SCMP_ARCH_ARM'] },
    ].map((each) => readProfile(JSON.stringify(each), 'mine.json'));
    if (ours === undefined || old === undefined || theirs === undefined) throw new Error('three profiles');
    const { profile: result, taken, kept, conflicts } = updateProfile(ours, old, theirs);
    expect(result).toMatchObject({
      defaultErrnoRet: 38,
      flags: ['SECCOMP_FILTER_FLAG_LOG'],
      architectures: ['SCMP_ARCH_X86'],
    });
    expect({ taken, kept, conflicts: conflicts.map(({ what }) => what) }).toEqual({
      taken: ['defaultErrnoRet'],
      kept: ['flags'],
      conflicts: ['architectures'],
    });
  });

  test.each([
    ['20.10.9', '28.5.2'],
    ['28.5.2', '20.10.9'],
    ['19.03.15', '24.0.9'],
    ['25.0.0', '29.0.0'],
  ])(
    'an untouched copy of docker %s becomes that of %s, and another profile stays as it is',
    async (from, to) => {
      const [old, theirs] = [await docker(from), await docker(to)];
      const { profile: result, conflicts, kept } = updateProfile(old, old, theirs);
      expect({ conflicts, kept }).toEqual({ conflicts: [], kept: [] });
      const [got, want] = await Promise.all(
        [result, theirs].map((each) => policyOfProfile(JSON.parse(formatDocker(each)))),
      );
      if (got === undefined || want === undefined) throw new Error('two policies');
      expect(proveEquals(got, want, 'x86_64')).toEqual({ proved: true });
      expect(formatDocker(updateProfile(old, theirs, theirs).profile)).toBe(formatDocker(old));
    },
  );
});

describe('callgate update', () => {
  test('follows the new default, keeps what was changed, and lists conflicts', async () => {
    const text = JSON.parse(formatDocker(await docker('20.10.9'))) as { syscalls: { names: string[] }[] };
    const first = text.syscalls[0];
    if (first === undefined) throw new Error('no rule');
    first.names = first.names.filter((name) => name !== 'chroot' && name !== 'io_uring_setup');
    first.names.push('keyctl', 'clone3');
    let written = '';
    const argv = 'update mine.json --from docker@20.10.9 --to docker@28.5.2 -o new.json'.split(' ');
    const { status, out } = await inProcess(argv, {
      read: () => Buffer.from(JSON.stringify(text, undefined, 1)),
      write: (_, content) => {
        written = String(content);
      },
    });
    expect(status).toBe(1);
    expect(out).toMatch(/Follows the new default: .*landlock_create_ruleset/s);
    expect(out).toMatch(
      /mine\.json:\d+:\d+: clone3\n {4}old: .*\n {4}theirs: .*errno 38.*\n {4}ours: .*SCMP_ACT_ALLOW/,
    );
    const names = readProfile(written, 'new.json').rules[0]?.names ?? [];
    expect(names).toContain('keyctl');
    expect(names).toContain('landlock_create_ruleset');
    // The new default has no io_uring either; both sides agree.
    expect(names).not.toContain('io_uring_setup');
  });
});

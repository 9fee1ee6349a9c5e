import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDefaults } from '../../src/engine/defaults.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { parseContextTarget } from '../../src/engine/target.js';
import { CallgateError } from '../../src/error.js';
import { merge } from '../../src/explain/merge.js';
import { type FilterPrediction, predict } from '../../src/explain/predict.js';
import { type Action, toReturnValue } from '../../src/policy/action.js';
import { decide } from '../../src/policy/decide.js';
import type { MergeKind } from '../../src/policy/merge.js';
import { readProfile } from '../../src/profile/read.js';
import { boundaryCalls, sampler } from '../bpf/arbitrary.js';
import { inProcess } from '../cli/inProcess.js';

/** A profile, or a Docker release's own, in the container that the word describes. */
async function container(profile: object | string, word = 'docker@28.5.2'): Promise<FilterPrediction> {
  const { context } = await resolveContext({ hostArch: 'x86_64', like: parseContextTarget(word) });
  const read =
    typeof profile === 'string'
      ? (await loadDefaults('docker')).profile(profile)
      : readProfile(JSON.stringify(profile), 'profile.json');
  if (read === undefined) throw new Error(`docker ${profile} has no profile`);
  const prediction = await predict({ ...context, seccomp: { kind: 'profile', profile: read } });
  if (prediction.kind !== 'filter') throw new Error(prediction.kind);
  return prediction;
}

const rule = (
  names: readonly string[],
  args: readonly object[] = [],
  action = 'SCMP_ACT_ALLOW',
  more = {},
) => ({
  names,
  action,
  args,
  ...more,
});
const arg = (index: number, value: number, op = 'SCMP_CMP_EQ', valueTwo = 0) => ({
  index,
  value,
  valueTwo,
  op,
});
const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];
const deny = (...syscalls: readonly object[]) => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures,
  syscalls,
});
const open = (...syscalls: readonly object[]) => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures,
  syscalls,
});

/** The kernel's order, written down once more; of equal actions the first. */
const ORDER: readonly Action['kind'][] = [
  'kill_process',
  'kill_thread',
  'trap',
  'errno',
  'notify',
  'trace',
  'log',
  'allow',
];

function expected(kind: MergeKind, first: Action, second: Action): Action {
  const [a, b] = [ORDER.indexOf(first.kind), ORDER.indexOf(second.kind)];
  return (kind === 'intersect' ? b < a : b > a) ? second : first;
}

function expectMerged(
  kind: MergeKind,
  first: FilterPrediction,
  second: FilterPrediction,
  after: FilterPrediction,
) {
  const pick = sampler(5);
  const calls = [first, second, after].flatMap(({ policy }) => boundaryCalls(policy, 30, pick));
  for (const call of calls) {
    const want = expected(kind, decide(first.policy, call), decide(second.policy, call));
    const got = decide(after.policy, call);
    if (toReturnValue(got) !== toReturnValue(want))
      expect.fail(`${call.auditArch} ${call.number} [${call.args}]: ${got.kind} for ${want.kind}`);
  }
}

const DENY_LIST = open(rule(['ptrace', 'mount'], [], 'SCMP_ACT_ERRNO'));
const PERSONALITY = [
  deny(rule(['read']), rule(['personality'], [arg(0, 0)]), rule(['personality'], [arg(0, 8)])),
  deny(rule(['read', 'write']), rule(['personality'], [arg(0, 8)]), rule(['personality'], [arg(0, 5)])),
] as const;

/** Undefined: rules cannot say it. Otherwise rules of one call of the result. */
const table: readonly (readonly [
  title: string,
  kind: MergeKind,
  first: object | string,
  second: object | string,
  call: string,
  rules: readonly string[] | RegExp,
])[] = [
  ['two releases', 'intersect', '20.10.9', '28.5.2', 'landlock_add_rule', []],
  ['two releases', 'union', '28.5.2', '20.10.9', 'landlock_add_rule', ['ALLOW']],
  ['a default without what a deny list names', 'intersect', '28.5.2', DENY_LIST, 'ptrace', []],
  ['a deny list without what a default allows', 'union', '28.5.2', DENY_LIST, 'ptrace', []],
  ['a deny list without what a default allows', 'union', '28.5.2', DENY_LIST, 'mount', ['ERRNO']],
  ['values that both allow', 'intersect', ...PERSONALITY, 'personality', ['ALLOW 0 EQ 8']],
  [
    'values that either allows',
    'union',
    ...PERSONALITY,
    'personality',
    ['ALLOW 0 EQ 0', 'ALLOW 0 EQ 5', 'ALLOW 0 EQ 8'],
  ],
  [
    'conditions on two arguments in one rule',
    'intersect',
    deny(rule(['lseek'], [arg(1, 7, 'SCMP_CMP_GE')])),
    deny(rule(['lseek'], [arg(2, 9)])),
    'lseek',
    ['ALLOW 1 GE 7 && 2 EQ 9'],
  ],
  [
    'masks of one argument in one comparison',
    'intersect',
    deny(rule(['unshare'], [arg(0, 0x30000000, 'SCMP_CMP_MASKED_EQ')])),
    deny(rule(['unshare'], [arg(0, 0x0c000000, 'SCMP_CMP_MASKED_EQ')])),
    'unshare',
    ['ALLOW 0 MASKED_EQ 1006632960'],
  ],
  [
    'a value that a deny list takes from a condition',
    'intersect',
    deny(rule(['ioctl'], [arg(1, 1)]), rule(['ioctl'], [arg(1, 2)])),
    open(rule(['ioctl'], [arg(1, 2)], 'SCMP_ACT_ERRNO')),
    'ioctl',
    ['ALLOW 1 EQ 1'],
  ],
  [
    'the stricter refusal',
    'intersect',
    open(rule(['mount'], [], 'SCMP_ACT_KILL')),
    open(rule(['mount'], [], 'SCMP_ACT_ERRNO')),
    'mount',
    ['KILL_THREAD'],
  ],
  [
    'the first one’s errno',
    'union',
    open(rule(['mount'], [], 'SCMP_ACT_ERRNO', { errnoRet: 13 })),
    open(rule(['mount'], [], 'SCMP_ACT_ERRNO')),
    'mount',
    ['ERRNO 13'],
  ],
  [
    'two inequalities of one argument',
    'intersect',
    deny(rule(['prctl'], [arg(0, 4, 'SCMP_CMP_GE')])),
    deny(rule(['prctl'], [arg(0, 9, 'SCMP_CMP_LE')])),
    'prctl',
    /cannot be said in a profile: prctl/,
  ],
  [
    'socketcall, where socket has a condition',
    'intersect',
    '28.5.2',
    open(rule(['socket'], [arg(0, 40)], 'SCMP_ACT_ERRNO')),
    'socketcall',
    /cannot be said in a profile: socketcall/,
  ],
];

const shown = (text: string, call: string): readonly string[] =>
  (
    JSON.parse(text) as {
      syscalls: {
        names: string[];
        action: string;
        errnoRet?: number;
        args?: { index: number; value: number; op: string }[];
      }[];
    }
  ).syscalls
    .filter(({ names }) => names.includes(call))
    .map(({ action, errnoRet, args = [] }) =>
      [
        action.replace('SCMP_ACT_', ''),
        ...(errnoRet === undefined ? [] : [errnoRet]),
        args.map(({ index, op, value }) => `${index} ${op.replace('SCMP_CMP_', '')} ${value}`).join(' && '),
      ]
        .join(' ')
        .trim(),
    )
    .sort();

describe('merge', () => {
  test.each(table)('%s (%s)', async (_, kind, one, other, call, rules) => {
    const [first, second] = [await container(one), await container(other)];
    if (rules instanceof RegExp) {
      await expect(merge(kind, first, second)).rejects.toThrow(rules);
      return;
    }
    const merged = await merge(kind, first, second);
    expect(shown(merged.text, call)).toEqual(rules);
    expectMerged(kind, first, second, merged.after);
  });

  test('random profiles: what is written is the meet or join, and what cannot be written is an error', {
    timeout: 120_000,
  }, async ({ annotate }) => {
    const pick = sampler(23);
    const names = ['read', 'write', 'personality', 'prctl', 'ioctl', 'mount', 'clone', 'clone3'];
    const random = (): object => {
      const rules = Array.from({ length: pick([2, 3, 4]) }, () => {
        const args = pick([true, false])
          ? [
              arg(
                pick([0, 1]),
                pick([0, 1, 8, 0x40000]),
                pick(['SCMP_CMP_EQ', 'SCMP_CMP_EQ', 'SCMP_CMP_NE', 'SCMP_CMP_GE']),
              ),
            ]
          : [];
        return { names: [pick(names)], args };
      });
      return pick([true, true, false])
        ? deny(...rules.map((each) => rule(each.names, each.args)))
        : open(
            ...rules.map((each) => rule(each.names, each.args, pick(['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL']))),
          );
    };
    const done = { merged: 0, refused: 0 };
    for (let round = 0; round < 60; round++) {
      const pair = [random(), random()] as const;
      const [first, second] = await Promise.all(pair.map((one) => container(one).catch(() => undefined)));
      if (first === undefined || second === undefined) continue;
      const kind = pick(['intersect', 'union'] as const);
      try {
        expectMerged(kind, first, second, (await merge(kind, first, second)).after);
        done.merged++;
      } catch (error) {
        if (!(error instanceof CallgateError)) throw error;
        expect(error.message).toMatch(/cannot be said in a profile: [a-z]/);
        done.refused++;
      }
    }
    await annotate(`${done.merged} merged, ${done.refused} refused`);
    expect(done.merged).toBeGreaterThan(done.refused);
  });
});

describe('callgate merge', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'callgate-merge-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const run = (...argv: readonly string[]) => inProcess(['merge', ...argv]);

  test('writes a file and says what is proved of it', async () => {
    const [mine, output] = [join(directory, 'mine.json'), join(directory, 'strict.json')];
    writeFileSync(mine, JSON.stringify(DENY_LIST));
    const { status, out } = await run(
      'docker@28.5.2',
      mine,
      '--intersect',
      '--prove',
      '--engine',
      'docker@28.5.2',
      '-o',
      output,
    );
    expect(status).toBe(0);
    expect(out).toMatch(/✓ proved: .*answers every call as the intersection does/);
    const proof = await inProcess(['prove', output, '--never', 'ptrace', '--engine', 'docker@28.5.2']);
    expect(proof.status).toBe(0);
    expect(readFileSync(output, 'utf8')).not.toContain('"ptrace"');
  });

  test.each([
    [['docker@28.5.2', 'docker@20.10.9'], /intersection or union/],
    [['docker@28.5.2', 'unconfined', '--union'], /no filter/],
    [['docker@28.5.2', 'docker@20.10.9', '--intersect', '--profile', 'x.json'], /which profile is meant/],
    [
      ['docker@28.5.2', 'docker@20.10.9', '--intersect', '--engine', 'docker@28.5.2'],
      /cannot be said[\s\S]*the other way round/,
    ],
  ] as const)('%j', async (argv, message) => {
    const { status, err } = await run(...argv);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});

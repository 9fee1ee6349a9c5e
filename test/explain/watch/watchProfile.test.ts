import { describe, expect, it } from 'vitest';
import type { ContextInput } from '../../../src/engine/contextInput.js';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import { parseContextTarget } from '../../../src/engine/target.js';
import { diffPolicies } from '../../../src/explain/diff.js';
import { type FilterPrediction, type Prediction, predict } from '../../../src/explain/predict.js';
import { predictOrigin, readMetadata } from '../../../src/explain/watch/metadata.js';
import { errnoFor } from '../../../src/explain/watch/originalAnswers.js';
import { type WatchProfile, watchProfile } from '../../../src/explain/watch/watchProfile.js';
import { preflight, startsAll } from '../../../src/lint/preflight.js';
import { combinePolicies } from '../../../src/policy/combine.js';
import { decide } from '../../../src/policy/decide.js';
import type { Policy } from '../../../src/policy/policy.js';
import { readProfile } from '../../../src/profile/read.js';
import { validateProfile } from '../../../src/profile/validate.js';
import { abi } from '../../../src/syscalls/abis.js';
import { parseCall } from '../../../src/syscalls/call.js';

const SOCKET = '/run/callgate/watch.sock';

async function predicted(word: string, more: ContextInput = {}): Promise<Prediction> {
  const { context } = await resolveContext({ hostArch: 'x86_64', ...more, like: parseContextTarget(word) });
  return predict(context);
}

async function filter(word: string, more: ContextInput = {}): Promise<FilterPrediction> {
  const prediction = await predicted(word, more);
  if (prediction.kind !== 'filter') throw new Error(`${word}: ${JSON.stringify(prediction.kind)}`);
  return prediction;
}

/** The policy with the original's answer in the place of what is notified; what the original allows stays notified. */
function answered(original: Policy, watched: Policy): Policy {
  return combinePolicies(original, watched, (own, action) =>
    action.kind === 'notify' && own.kind === 'errno' ? own : action,
  );
}

const PROFILE = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    {
      names: ['read', 'write', 'execve', 'exit_group', 'close', 'futex', 'openat', 'close_range'],
      action: 'SCMP_ACT_ALLOW',
    },
    { names: ['mount', 'umount2'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
    {
      names: ['ptrace'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 1,
      args: [{ index: 0, value: 16, op: 'SCMP_CMP_EQ' }],
    },
    {
      names: ['ptrace'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 22,
      args: [{ index: 0, value: 17, op: 'SCMP_CMP_EQ' }],
    },
    {
      names: ['prctl'],
      action: 'SCMP_ACT_ALLOW',
      args: [
        { index: 0, value: 15, op: 'SCMP_CMP_EQ' },
        { index: 1, value: 8, op: 'SCMP_CMP_GT' },
      ],
    },
    { names: ['kill'], action: 'SCMP_ACT_KILL_PROCESS' },
  ],
});

const DENY_LIST = JSON.stringify({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    { names: ['mount', 'write'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ERRNO',
      args: [{ index: 0, value: 0x10000000, valueTwo: 0x10000000, op: 'SCMP_CMP_MASKED_EQ' }],
    },
  ],
});

const profiles = { mine: readProfile(PROFILE, 'mine.json'), denyList: readProfile(DENY_LIST, 'deny.json') };

const TARGETS: readonly (readonly [word: string, more?: ContextInput])[] = [
  ['docker@28.5.2'],
  ['docker@28.5.2+runc@1.1.5', { libseccomp: '2.5.4' }],
  ['docker@28.5.2+crun@1.8.1', { libseccomp: '2.5.4' }],
  ['docker@29.7.2'],
  ['docker@28.5.2+SYS_ADMIN'],
  ['docker@28.5.2', { arch: 'arm64' }],
  ['docker@28.5.2', { arch: 's390x' }],
  ['podman@5.8.2'],
  ['cri-o@1.30.0'],
  ['containerd@1.7.20'],
  ['docker@28.5.2', { profile: profiles.mine }],
  ['docker@28.5.2+crun', { profile: profiles.mine }],
  ['docker@28.5.2', { profile: profiles.denyList }],
];

const made = new Map<number, Promise<WatchProfile & { readonly before: FilterPrediction }>>();

/** Each is made once. */
function watched(target: number) {
  const known = made.get(target);
  if (known !== undefined) return known;
  const [word, more] = TARGETS[target] ?? ['none'];
  const making = filter(word, more).then(async (before) => ({
    ...(await watchProfile(before, SOCKET)),
    before,
  }));
  made.set(target, making);
  return making;
}

describe('a watch profile', () => {
  it.each([...TARGETS.keys()])(
    'of target %d answers as the original does, and the runtime takes it',
    async (target) => {
      const { before, after, text, layout, watched: names } = await watched(target);
      const { arch } = before.context;
      const { changes, equal } = diffPolicies(before.policy, answered(before.policy, after.policy), arch);
      expect(changes).toEqual([]);
      expect(equal).toBe(true);
      expect(names.length).toBeGreaterThan(0);

      // As it is read from the file.
      const read = readProfile(text, 'watch.json', { dialect: layout });
      expect(validateProfile(read).filter(({ level }) => level === 'error')).toEqual([]);
      expect(read.listenerPath).toBe(SOCKET);
      const again = await predict({
        ...before.context,
        seccomp: { kind: before.context.seccomp.kind === 'oci' ? 'oci' : 'profile', profile: read },
      });
      expect(again.kind).toBe('filter');
    },
  );

  it.each([
    ['28.5.2', ['SYS_ADMIN']],
    ['28.5.2', ['BPF', 'PERFMON']],
    ['28.5.2', ['ALL']],
    ['29.7.2', ['SYS_ADMIN']],
    ['26.1.5', ['SYS_PTRACE', 'SYSLOG']],
  ] as const)(
    'made for docker %s without them, answers as the default with %j too',
    async (version, capAdd) => {
      const word = `docker@${version}`;
      const { text } = await watchProfile(await filter(word), SOCKET);
      const profile = readProfile(text, 'watch.json');
      for (const runtime of ['runc', 'crun'])
        for (const libseccomp of ['2.5.4', '2.6.0']) {
          const original = await filter(word, { capAdd, runtime, libseccomp });
          const watched = await filter(word, { capAdd, runtime, libseccomp, profile });
          const diff = diffPolicies(original.policy, answered(original.policy, watched.policy), 'x86_64');
          expect([...diff.changes, ...diff.unnamed]).toEqual([]);
        }
    },
  );

  it('lets containers start', async () => {
    for (const runtime of ['runc@1.1.5', 'runc@1.3.3', 'crun@1.8.1'])
      for (const noNewPrivileges of [false, true]) {
        const before = await filter('docker@28.5.2', { runtime });
        const { after } = await watchProfile(before, SOCKET);
        expect(startsAll(await preflight(after.context, noNewPrivileges))).toBe(true);
      }
  });

  it('says what the agent does not hear of, and why', async () => {
    const { silent } = await watched(0);
    const why = new Map(silent.map((call) => [call.syscall, call.why]));
    expect(why.get('listns')).toBe('number');
    expect(why.get('uprobe')).toBe('libseccomp');
    const strict = await watchProfile(await filter('docker@28.5.2', { profile: profiles.denyList }), SOCKET);
    expect(strict.silent).toEqual([{ syscall: 'write', why: 'runtime' }]);
    expect(strict.watched).toEqual(['clone', 'mount']);
  });

  it.each<[string, ContextInput, RegExp]>([
    ['docker@20.10.24', {}, /docker 20\.10\.24 does not hand listenerPath on/],
    ['docker@28.5.2+runc@1.0.3', {}, /no container starts with a profile that notifies/],
    [
      'docker@28.5.2',
      {
        profile: readProfile(
          '{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}',
          'kill.json',
        ),
      },
      /denies nothing that an agent could answer/,
    ],
  ])('of %s is refused', async (word, more, message) => {
    await expect(watchProfile(await filter(word, more), SOCKET)).rejects.toThrow(message);
  });

  it('of a watch profile is refused', async () => {
    const { after } = await watched(0);
    await expect(watchProfile(after, SOCKET)).rejects.toThrow(/hands calls to an agent already/);
  });
});

describe('the metadata', () => {
  const CALLS: readonly (readonly [target: number, call: string, errno: number])[] = [
    [0, 'clone3', 38],
    [0, 'mount', 1],
    [0, 'clone(CLONE_NEWUSER)', 1],
    [10, 'mount', 13],
    [10, 'ptrace(PTRACE_ATTACH)', 1],
    [10, 'ptrace(PTRACE_DETACH)', 22],
    [10, 'ptrace(PTRACE_CONT)', 38],
    [10, 'reboot', 38],
  ];

  it.each(CALLS)('of target %d tells the errno of %s: %d', async (target, text, errno) => {
    const { before, after } = await watched(target);
    const metadata = readMetadata(after.oci.listenerMetadata);
    if (metadata?.origin === undefined) throw new Error('no metadata');
    const { number = -1, args } = parseCall(text, 'x86_64');
    const call = { auditArch: abi('x86_64').auditArch, number, args: args.map((value) => value ?? 0n) };
    expect(decide(after.policy, call)).toEqual({ kind: 'notify' });
    expect(errnoFor(metadata.answers, call)).toBe(errno);
    // The agent knows the rule, too.
    const origin = await predictOrigin(metadata.origin);
    if (origin === undefined) throw new Error('no origin');
    expect(diffPolicies(origin.policy, before.policy, 'x86_64').equal).toBe(true);
    expect(origin.profile.source).toBe(before.profile.source);
  });

  it.each([
    undefined,
    '',
    'docker',
    '{"callgate":2,"errno":1}',
    '{"callgate":1,"errno":-1}',
    '{"callgate":1,"errno":1,"others":[]}',
    '{"callgate":1,"errno":1,"others":{"xyz":{}}}',
    '{"callgate":1,"errno":1,"others":{"c000003e":{"1":{"word":12}}}}',
    `{"callgate":1,"errno":1,"others":{"c000003e":{"1":${'{"word":0,"mask":1,"op":"eq","value":1,"then":1,"else":'.repeat(100)}1${'}'.repeat(100)}}}}`,
    'x'.repeat(600_000),
  ])('that is none of ours, or damaged, is not taken for ours: %.60s', (text) => {
    expect(readMetadata(text)).toBeUndefined();
  });

  it('of a release that is not known still has the answers', async () => {
    const { after } = await watched(0);
    const other = (after.oci.listenerMetadata ?? '').replace('docker@28.5.2', 'docker@99.0.0');
    const metadata = readMetadata(other);
    expect(metadata?.answers.errno).toBe(1);
    expect(metadata?.origin && (await predictOrigin(metadata.origin))).toBeUndefined();
  });
});

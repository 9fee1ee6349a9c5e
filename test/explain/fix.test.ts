import { describe, expect, it, test } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { fix } from '../../src/explain/fix.js';
import { type FilterPrediction, predict, predictProfile } from '../../src/explain/predict.js';
import { beyond } from '../../src/explain/remedies/beyond.js';
import { newRule } from '../../src/explain/remedies/editor.js';
import { wideningLines } from '../../src/explain/summaryOfWidening.js';
import { comparePolicies } from '../../src/policy/compare.js';
import { readProfile } from '../../src/profile/read.js';
import { parseCall } from '../../src/syscalls/call.js';
import { syscallsOf } from '../../src/syscalls/table.js';

async function container(words: Parameters<typeof resolveContext>[0]): Promise<FilterPrediction> {
  const { context } = await resolveContext({ arch: 'x86_64', ...words });
  const prediction = await predict(context);
  if (prediction.kind !== 'filter') throw new Error(`no filter: ${prediction.kind}`);
  return prediction;
}

async function fixed(before: FilterPrediction, ...calls: readonly string[]) {
  const { remedies } = await fix(
    before,
    calls.map((call) => parseCall(call, 'x86_64')),
  );
  return remedies.map(({ kind, title, patch, opens, widening, verdict, change, after }) => ({
    kind,
    title,
    patch,
    opens: opens.count,
    widens: wideningLines(widening),
    otherwise: [...widening.narrowed, ...widening.otherwise].map(({ syscall }) => syscall),
    answer: verdict.errno ?? verdict.action,
    change,
    after,
  }));
}

/** What the release itself makes of the written file. */
function reread(before: FilterPrediction, change: { readonly kind: string; readonly text?: string }) {
  if (change.text === undefined) throw new Error(`a remedy of kind ${change.kind} has no profile`);
  const after = predictProfile(before.context, readProfile(change.text, 'fixed.json'), false);
  if (after.kind !== 'filter') throw new Error(after.kind);
  return after.policy;
}

describe('fix personality(0x40000) on docker 28.5.2', () => {
  it('is one EQ rule that opens this value only', async () => {
    const before = await container({ engine: 'docker@28.5.2' });
    const [first] = await fixed(before, 'personality(0x40000)');
    expect(first).toMatchObject({
      kind: 'profile-rule',
      opens: 1,
      patch:
        '{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]}',
      widens: ['personality when personality == (PER_LINUX|ADDR_NO_RANDOMIZE) on x86_64, x86, x32'],
      otherwise: [],
      answer: 'SCMP_ACT_ALLOW',
    });
    if (first === undefined) return;
    const differences = comparePolicies(before.policy, reread(before, first.change));
    // x86_64, x86 and x32: one number each, and 0x40000 is what tells them apart.
    expect(differences).toHaveLength(3);
    for (const { from, to, example } of differences) {
      expect(to).toBe(from);
      expect(BigInt.asUintN(32, example.args[0] ?? 0n)).toBe(0x40000n);
    }
  });
});

describe('fix of io_uring on docker 25.0.0', () => {
  const calls = ['io_uring_setup', 'io_uring_enter', 'io_uring_register'];

  it('widens exactly those three calls, read again', async () => {
    const before = await container({ engine: 'docker@25.0.0' });
    const [first] = await fixed(before, ...calls);
    expect(first).toMatchObject({
      kind: 'profile-rule',
      opens: 3,
      widens: [`${calls.join(' ')} on x86_64, x86, x32`],
    });
    if (first === undefined) return;
    const policy = reread(before, first.change);
    expect(beyond(before.policy, policy, [newRule(calls, 'SCMP_ACT_ALLOW')])).toBe(0);
    expect(beyond(before.policy, policy, [newRule(calls.slice(1), 'SCMP_ACT_ALLOW')])).toBeGreaterThan(0);
  });
});

describe('which remedies there are', () => {
  /** context, calls, kinds with answers in order */
  test.each<[string, Parameters<typeof resolveContext>[0], string[], string[]]>([
    [
      'a capability that the profile asks for',
      { engine: 'docker@27.5.1' },
      ['get_mempolicy'],
      ['profile-rule 1', 'capability 4', 'unconfined 87'],
    ],
    [
      'ENOSYS where libc falls back, a runtime with the stub, an older glibc, a newer engine',
      { engine: 'containerd@1.4.0' },
      ['clone3'],
      ['profile-rule 0', 'runtime 0', 'image 0', 'profile-rule 1', 'engine 12', 'unconfined 114'],
    ],
    [
      'no ENOSYS rule where the release drops errnoRet',
      { engine: 'docker@20.10.9' },
      ['clone3'],
      ['engine 0', 'image 0', 'profile-rule 1', 'unconfined 103'],
    ],
    [
      'a libseccomp that knows the name',
      { engine: 'docker@28.5.2', libseccomp: '2.5.4' },
      ['fchmodat2'],
      ['libseccomp 6', 'unconfined 93'],
    ],
    [
      'runc instead of crun',
      { engine: 'docker@19.03.15', runtime: 'crun@1.14', libseccomp: '2.5.4' },
      ['clone3'],
      ['runtime 0', 'image 0', 'profile-rule 1', 'engine 12', 'unconfined 113'],
    ],
  ])('%s', async (_, words, calls, expected) => {
    const found = await fixed(await container(words), ...calls);
    expect(found.map(({ kind, opens }) => `${kind} ${opens}`)).toEqual(expected);
  });

  it('nothing for calls that run', async () => {
    expect(await fixed(await container({ engine: 'docker' }), 'read')).toEqual([]);
  });

  it('refuses a call that its ABI does not have', async () => {
    const before = await container({ engine: 'docker' });
    await expect(fix(before, [parseCall('socketcall', 'x86_64')])).rejects.toThrow(
      /no call named socketcall/,
    );
  });
});

const ARCHES = '"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]';

describe('rules beside the profile’s own', () => {
  test.each<[string, string, string, string, string[]]>([
    [
      'a deny-list: the name goes',
      `{"defaultAction": "SCMP_ACT_ALLOW", ${ARCHES}, "syscalls": [{"names": ["chmod", "mkdir"], "action": "SCMP_ACT_ERRNO"}]}`,
      'chmod',
      "allow chmod: taken out of the profile's own rules",
      ['chmod on x86_64, x86'],
    ],
    [
      'an unconditional refusal spares one value',
      `{"defaultAction": "SCMP_ACT_ALLOW", ${ARCHES}, "syscalls": [{"names": ["personality"], "action": "SCMP_ACT_ERRNO"}]}`,
      'personality(0x40000)',
      "allow personality with these arguments only: the profile's own rule spares these arguments",
      ['personality when personality == (PER_LINUX|ADDR_NO_RANDOMIZE) on x86_64, x86'],
    ],
    [
      'an unconditional refusal in an allow-list spares one value and keeps its errno',
      `{"defaultAction": "SCMP_ACT_ERRNO", ${ARCHES}, "syscalls": [{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}`,
      'personality(0x40000)',
      "allow personality with these arguments only: one rule in front of the profile's, whose own rule spares these arguments",
      ['personality when personality == (PER_LINUX|ADDR_NO_RANDOMIZE) on x86_64, x86'],
    ],
    [
      'a refusal of the same value, which libseccomp would not take beside an allowance (EEXIST)',
      `{"defaultAction": "SCMP_ACT_ERRNO", ${ARCHES}, "syscalls": [{"names": ["prctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 97, "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_EQ"}]}]}`,
      'prctl(40)',
      "allow prctl with these arguments only: one rule in front of the profile's, whose own rule spares these arguments",
      ['prctl when option == PR_GET_TID_ADDRESS on x86_64, x86'],
    ],
  ])('%s', async (_, text, call, title, widens) => {
    const before = await container({ engine: 'docker@28.5.2', profile: readProfile(text, 'p.json') });
    const [first] = await fixed(before, call);
    expect(first).toMatchObject({ title, widens, otherwise: [] });
  });
});

describe('what a default denies', () => {
  const engines = ['docker', 'docker@20.10.9', 'docker@1.12.0', 'containerd@1.7.20', 'podman', 'cri-o'];

  // Every seventh call, so that it takes seconds: the ways of placing do not depend on the name.
  it.each(engines)(
    '%s: one rule opens each call, read again by that release, and nothing else',
    async (engine) => {
      const before = await container({ engine });
      const denied = syscallsOf('x86_64').filter(
        ({ name }, index) =>
          index % 7 === 0 && before.oci.syscalls.every(({ names }) => !names.includes(name)),
      );
      expect(denied.length).toBeGreaterThan(3);
      for (const { name } of denied) {
        const found = await fixed(before, name);
        const rule = found.find(({ kind, answer }) => kind === 'profile-rule' && answer === 'SCMP_ACT_ALLOW');
        // A name that this libseccomp does not know cannot be allowed by any profile.
        if (rule === undefined || rule.after.kind !== 'filter') continue;
        expect
          .soft(
            rule.widens.every((line) => line.startsWith(`${name} on`)),
            name,
          )
          .toBe(true);
        expect.soft(rule.opens, name).toBe(1);
      }
    },
  );
});

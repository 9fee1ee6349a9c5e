import { describe, expect, test } from 'vitest';
import type { ContextInput } from '../../src/engine/contextInput.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { withoutForeignByteOrder } from '../../src/explain/byteOrder.js';
import { describeDenial, quoted } from '../../src/explain/denial.js';
import { filterFlags } from '../../src/explain/filterFlags.js';
import { predict } from '../../src/explain/predict.js';
import { countVerdicts, summarize } from '../../src/explain/summary.js';
import { verdictWord } from '../../src/explain/verdict.js';
import { why } from '../../src/explain/why.js';
import { readProfile } from '../../src/profile/read.js';
import { parseCall } from '../../src/syscalls/call.js';

async function ask(call: string, input: ContextInput) {
  const { context } = await resolveContext({ arch: 'amd64', ...input });
  return why(parseCall(call, context.arch), context);
}

async function filterOf(input: ContextInput) {
  const prediction = await predict((await resolveContext({ arch: 'amd64', ...input })).context);
  if (prediction.kind !== 'filter') throw new Error(`${prediction.kind} instead of a filter`);
  return prediction;
}

/** [call, context, verdict, what the program sees] */
const verdicts: readonly (readonly [string, ContextInput, string, string])[] = [
  ['clone3', { engine: 'docker@20.10.9', runtime: 'runc@1.0.2', libseccomp: '2.5.1' }, 'EPERM', 'EPERM'],
  ['clone3', { engine: 'docker@20.10.10', runtime: 'runc@1.0.2', libseccomp: '2.5.1' }, 'ENOSYS', 'ENOSYS'],
  [
    'clone3',
    { engine: 'docker@20.10.10', runtime: 'runc@1.0.2', libseccomp: '2.5.1', capAdd: ['SYS_ADMIN'] },
    'allowed',
    'runs',
  ],
  ['clone3', { engine: 'docker@28.5.2', capAdd: ['SYS_ADMIN'], kernel: '4.19' }, 'allowed', 'ENOSYS'],
  ['get_mempolicy', { engine: 'docker@27.5.1' }, 'EPERM', 'EPERM'],
  ['get_mempolicy', { engine: 'docker@27.5.1', capAdd: ['sys_nice'] }, 'allowed', 'runs'],
  ['fchmodat2', { engine: 'docker@24.0.9', runtime: 'runc@1.1.12', libseccomp: '2.5.5' }, 'ENOSYS', 'ENOSYS'],
  ['fchmodat2', { engine: 'docker@24.0.9', runtime: 'crun@1.14', libseccomp: '2.5.5' }, 'EPERM', 'EPERM'],
  ['socket(AF_VSOCK)', { engine: 'docker@28.5.2' }, 'EPERM', 'EPERM'],
  ['socket(AF_INET)', { engine: 'docker@28.5.2' }, 'allowed', 'runs'],
  ['socket', { engine: 'docker@28.5.2' }, 'by arguments', 'by arguments'],
  ['personality(0x40000)', { engine: 'docker@28.5.2' }, 'EPERM', 'EPERM'],
  ['clone(CLONE_NEWUSER|SIGCHLD)', { engine: 'docker@28.5.2' }, 'EPERM', 'EPERM'],
  ['mount', { engine: 'docker@28.5.2', securityOpt: ['seccomp=unconfined'] }, 'allowed', 'EPERM'],
  ['mount', { engine: 'docker@28.5.2', privileged: true }, 'allowed', 'runs'],
  ['999', { engine: 'docker@28.5.2' }, 'ENOSYS', 'ENOSYS'],
];

describe('why', () => {
  test.each(verdicts)('%s in %o → %s, and the program sees %s', async (call, input, verdict, result) => {
    const { verdict: found, effect } = await ask(call, input);
    expect([found && verdictWord(found), effect?.result]).toEqual([verdict, result]);
  });

  test('names the gate, the stub and the reaction of libc', async () => {
    const gate = await ask('get_mempolicy', { engine: 'docker@27.5.1' });
    expect(gate.reasons.find(({ stage }) => stage === 'engine')?.text).toContain('needs CAP_SYS_NICE');
    const stub = await ask('fchmodat2', {
      engine: 'docker@24.0.9',
      runtime: 'runc@1.1.12',
      libseccomp: '2.5.5',
    });
    expect(stub.reasons.find(({ stage }) => stage === 'runtime')?.text).toMatch(
      /answers ENOSYS to every number above 449/,
    );
    const fatal = await ask('clone3', {
      engine: 'docker@20.10.9',
      runtime: 'runc@1.0.2',
      libseccomp: '2.5.1',
    });
    expect(fatal.reasons.find(({ stage }) => stage === 'libc')?.text).toMatch(/glibc ≥ 2\.34 .* gives up/);
  });

  test.each([
    [
      'socket(AF_VSOCK)',
      ['family != AF_VSOCK, which does not hold here', 'none of these conditions holds, so'],
    ],
    ['socket(AF_INET)', ['family != AF_VSOCK, which holds here']],
    ['socket', ['family != AF_VSOCK', 'where none of these conditions holds']],
    ['x86:clone(flags=CLONE_NEWUSER)', ['which does not hold here', 'none of these conditions holds, so']],
    // libseccomp compares 32 bits on x32, 64 on x86_64.
    ['x32:socket(0x100000028)', ['which does not hold here', 'none of these conditions holds, so']],
    ['socket(0x100000028)', ['which holds here']],
  ])('%s: which conditions hold is said', async (call, expected) => {
    const { reasons } = await ask(call, { engine: 'docker@28.5.2' });
    const texts = reasons.filter(({ stage }) => stage === 'profile').map(({ text }) => text);
    expect(texts).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(texts[index]).toContain(text);
    if (expected[0]?.endsWith('AF_VSOCK') === true) expect(texts[0]).toMatch(/AF_VSOCK$/);
  });

  test('a rule of an engine’s own profile is cited with repository and tag', async () => {
    const { reasons } = await ask('clone3', { engine: 'docker@20.10.9' });
    expect(reasons.find(({ stage }) => stage === 'profile')?.source).toBe(
      'moby/moby v20.10.9 profiles/seccomp/default.json',
    );
  });

  test('what is not established is said to be unknown: gVisor', async () => {
    const { verdict, unknown } = await ask('clone3', { engine: 'docker@28.5.2', runtime: 'gvisor' });
    expect([verdict, unknown]).toEqual([undefined, expect.stringContaining('not established')]);
  });

  test('conditions that no diagram can hold leave the verdict, and no remedy', async () => {
    // Bit i together with bit 63-i, for every i: a diagram that reads bits in order must remember half of them.
    const rules = Array.from({ length: 32 }, (_, index) => {
      const mask = (1n << BigInt(index)) | (1n << BigInt(63 - index));
      return `{"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": ${mask}, "valueTwo": ${mask}, "op": "SCMP_CMP_MASKED_EQ"}]}`;
    });
    const text = `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [${rules.join(', ')}]}`;
    const profile = readProfile(text, 'profile.json');
    const { verdict, remedies, reasons } = await ask('ioctl', { engine: 'docker@28.5.2', profile });
    expect(verdict?.action).toBe('BY_ARGUMENTS');
    expect(remedies).toEqual([]);
    expect(reasons.at(-1)?.text).toContain('too many to compare exactly');
  });

  test('cases are told when arguments decide', async () => {
    const { cases } = await ask('socket', { engine: 'docker@28.5.2' });
    expect(cases?.map(({ when, action }) => [when, action.kind])).toEqual([
      [['family == AF_VSOCK'], 'errno'],
      [['otherwise'], 'allow'],
    ]);
  });

  test('remedies help, unconfined is the last one, and each says what it opens', async () => {
    const { remedies } = await ask('get_mempolicy', { engine: 'docker@27.5.1' });
    expect(remedies.map(({ kind }) => kind)).toEqual(['profile-rule', 'capability', 'unconfined']);
    expect(remedies[0]?.opens.calls).toEqual(['get_mempolicy']);
    expect(remedies[1]?.opens.calls).toEqual([
      'mbind',
      'set_mempolicy',
      'get_mempolicy',
      'set_mempolicy_home_node',
    ]);
    for (const { verdict } of remedies) expect(verdict.action).toBe('SCMP_ACT_ALLOW');
  });

  test('a release that no container starts with is a result', async () => {
    const profile = readProfile('{"defaultAction": "SCMP_ACT_ALOW"}', 'profile.json');
    const { verdict, loadError, reasons } = await ask('read', { engine: 'docker@28.5.2', profile });
    expect(verdict).toBeUndefined();
    expect(loadError).toBe('string SCMP_ACT_ALOW is not a valid action for seccomp');
    expect(reasons[0]?.source).toBe('profile.json:1:19');
  });

  test.each(['runc@1.3.3', 'crun@1.14'])(
    '%s: an architecture that cannot be added is pointed at',
    async (runtime) => {
      const profile = readProfile(
        '{"defaultAction": "SCMP_ACT_ERRNO",\n "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_MIPS"]}',
        'profile.json',
      );
      const { loadError, reasons } = await ask('read', { engine: 'docker@28.5.2', runtime, profile });
      expect(loadError).toMatch(/numerical argument out of domain/i);
      expect(reasons[0]).toMatchObject({
        text: expect.stringContaining('mips has another byte order than x86_64') as string,
        source: 'profile.json:2:40',
      });
    },
  );

  test('a call that the ABI lacks is no denial', async () => {
    const { verdict, effect } = await ask('chmod', { engine: 'docker@28.5.2', arch: 'arm64' });
    expect([verdict, effect?.result]).toEqual([undefined, 'no such call']);
  });
});

describe('denials in words', () => {
  test('call, verdict and rule', async () => {
    const prediction = await filterOf({ engine: 'docker@28.5.2' });
    const call = { auditArch: 0xc000003e, number: 272, args: [0x10000000n, 0n, 0n, 0n, 0n, 0n], strings: [] };
    const { text, verdict, rule } = describeDenial(call, prediction.policy, prediction);
    expect([text, verdict.errno, rule?.stage]).toEqual(['unshare(CLONE_NEWUSER)', 'EPERM', 'engine']);
  });

  test.each([
    ['plain', '"plain"'],
    ['\u001b[31mred\u001b[0m', String.raw`"\u001b[31mred\u001b[0m"`],
    ['\u009b\u202e', String.raw`"\u009b\u202e"`],
  ])('no control character reaches a terminal: %j', (text, expected) => {
    expect(quoted(text)).toBe(expected);
  });
});

test.each<[ContextInput, readonly string[]]>([
  [{ engine: 'docker@28.5.2', runtime: 'runc@1.1.12' }, []],
  [{ engine: 'docker@28.5.2', runtime: 'runc@1.3.3' }, ['SPEC_ALLOW']],
  [{ engine: 'docker@28.5.2', runtime: 'crun@1.8.1' }, ['SPEC_ALLOW']],
])('flags of seccomp(2) in %o: %j', async (input, flags) => {
  expect(filterFlags(await filterOf({ libseccomp: '2.5.4', ...input }))).toEqual(flags);
});

test('a profile for both byte orders is told without the other one', async () => {
  const text =
    '{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_S390X"], "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_ERRNO"}]}';
  const { context } = await resolveContext({ arch: 'amd64', profile: readProfile(text, 'profile.json') });
  const prediction = await predict(context);
  expect(prediction.kind).toBe('loadError');
  if (prediction.kind !== 'loadError') return;
  const rest = withoutForeignByteOrder(prediction);
  expect(rest?.architectures).toEqual(['SCMP_ARCH_S390X']);
  const denied = summarize(rest?.prediction.policy ?? { sections: [], otherArch: { kind: 'allow' } }, [
    'x86_64',
  ]).filter(({ verdict }) => verdict.action !== 'SCMP_ACT_ALLOW');
  expect(denied.map(({ syscall }) => syscall)).toEqual(['chmod']);
});

test('counts add up', async () => {
  const counts = countVerdicts(summarize((await filterOf({ engine: 'docker@28.5.2' })).policy, ['x86_64']));
  expect(counts.allowed + counts.conditional + counts.denied).toBe(counts.total);
  expect(counts.conditional).toBe(3);
});

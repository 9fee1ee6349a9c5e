import { describe, expect, it, test } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { extend } from '../../src/explain/extend.js';
import { type FilterPrediction, predict } from '../../src/explain/predict.js';
import { allowRules, findPreset, presets, rulesOf } from '../../src/explain/presets.js';
import { wideningLines } from '../../src/explain/summaryOfWidening.js';
import { readProfile } from '../../src/profile/read.js';
import { syscallNames } from '../../src/syscalls/libseccomp.js';
import { callsOfSet, syscallSets } from '../../src/syscalls/sets.js';

async function container(words: Parameters<typeof resolveContext>[0]): Promise<FilterPrediction> {
  const prediction = await predict((await resolveContext({ arch: 'x86_64', ...words })).context);
  if (prediction.kind !== 'filter') throw new Error(`no filter: ${prediction.kind}`);
  return prediction;
}

const CLONE_MASK =
  '(flags & (CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET))';
const ON = 'on x86_64, x86, x32';

describe('presets widen the newest default exactly', () => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    numa: [`mbind set_mempolicy get_mempolicy ${ON}`],
    debug: [`personality when personality == (PER_LINUX|ADDR_NO_RANDOMIZE) ${ON}`],
    database: [`io_uring_setup io_uring_enter io_uring_register ${ON}`],
    'agent-sandbox': [
      `clone when (flags & CLONE_NEWUSER) == CLONE_NEWUSER ${ON}`,
      `pivot_root mount umount2 ${ON}`,
      `unshare when unshare_flags == CLONE_NEWUSER ${ON}`,
    ],
    'chromium-sandbox': [
      `clone when (flags & CLONE_NEWUSER) == CLONE_NEWUSER or flags == (CLONE_NEWPID|SIGCHLD) ${ON}`,
      `unshare when unshare_flags == CLONE_NEWUSER ${ON}`,
    ],
    'buildkit-rootless': [
      `clone when ${CLONE_MASK} != 0 ${ON}`,
      `pivot_root mount umount2 sethostname unshare setns ${ON}`,
      `keyctl when option == KEYCTL_DESCRIBE or option == KEYCTL_JOIN_SESSION_KEYRING or option == KEYCTL_SETPERM ${ON}`,
    ],
  };

  it('has them', () => {
    expect(presets.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.keys(expected))('%s', async (name) => {
    const before = await container({ engine: 'docker' });
    const { widening, exact, unknown } = await extend(before, {
      allow: rulesOf(findPreset(name), 'x86_64'),
      deny: [],
    });
    expect(wideningLines(widening)).toEqual(expected[name]);
    expect([...widening.narrowed, ...widening.otherwise]).toEqual([]);
    expect(exact).toBe(true);
    expect(unknown).toEqual([]);
  });

  it('compares the flags of clone where s390x has them', () => {
    const [clone] = rulesOf(findPreset('agent-sandbox'), 's390x');
    expect(clone).toMatchObject({ names: ['clone'], args: [{ index: 1, value: 0x10000000n }] });
  });
});

describe('extend', () => {
  it('denies by taking names away, and nothing else changes', async () => {
    const before = await container({ engine: 'docker@28.5.2' });
    const { widening, exact, text } = await extend(before, { allow: [], deny: ['ptrace', 'personality'] });
    expect(wideningLines(widening)).toEqual([]);
    expect([...new Set(widening.narrowed.map(({ syscall }) => syscall))].sort()).toEqual([
      'personality',
      'ptrace',
    ]);
    expect(exact).toBe(true);
    const { rules } = readProfile(text, 'p.json');
    expect(rules.filter(({ names }) => names.includes('ptrace') || names.includes('personality'))).toEqual(
      [],
    );
  });

  it('denies in a deny-list by a rule', async () => {
    const profile = readProfile('{"defaultAction": "SCMP_ACT_ALLOW"}', 'p.json');
    const { widening, exact } = await extend(await container({ engine: 'docker', profile }), {
      allow: [],
      deny: ['keyctl'],
    });
    expect(widening.narrowed.map(({ syscall, abi }) => `${abi} ${syscall}`)).toEqual(['x86_64 keyctl']);
    expect(exact).toBe(true);
  });

  it('allows and denies at once', async () => {
    const { widening } = await extend(await container({ engine: 'containerd@1.7.20' }), {
      allow: allowRules(['@numa'].flatMap(callsOfSet), 'x86_64'),
      deny: ['ptrace'],
    });
    const names = new Set(widening.calls.map(({ syscall }) => syscall));
    expect([...names].sort()).toEqual([...callsOfSet('@numa')].sort());
    expect(new Set(widening.narrowed.map(({ syscall }) => syscall))).toEqual(new Set(['ptrace']));
  });

  it('says which names have no effect', async () => {
    const before = await container({ engine: 'docker@28.5.2', libseccomp: '2.4.1' });
    const { unknown } = await extend(before, { allow: allowRules(['mseal', 'mbind'], 'x86_64'), deny: [] });
    expect(unknown).toEqual(['mseal']);
  });

  it('refuses a call on both sides', async () => {
    const before = await container({ engine: 'docker' });
    const both = extend(before, { allow: allowRules(['mbind'], 'x86_64'), deny: ['mbind'] });
    await expect(both).rejects.toThrow(/mbind: to be allowed or to be denied/);
  });
});

describe('named sets', () => {
  const known = new Set(syscallNames);

  it.each(syscallSets.map((set) => [set.name, set] as const))(
    '%s has calls that exist, each once',
    (name, { calls }) => {
      expect(name).toMatch(/^@[a-z-]+$/);
      expect(calls.filter((call) => !known.has(call))).toEqual([]);
      expect(new Set(calls).size).toBe(calls.length);
    },
  );

  test.each<[string, RegExp]>([
    ['@nuna', /no set of calls is called @nuna/],
    ['@', /no set of calls/],
  ])('%s is none', (word, message) => {
    expect(() => callsOfSet(word)).toThrow(message);
  });
});

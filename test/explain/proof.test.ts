import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/bpf/compile.js';
import { prepare } from '../../src/bpf/interpret.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import {
  type Counterexample,
  proveAlways,
  proveEquals,
  proveNever,
  proveWithin,
} from '../../src/explain/proof.js';
import { fromReturnValue, sameAction, toReturnValue } from '../../src/policy/action.js';
import { type Call, decide } from '../../src/policy/decide.js';
import type { Policy } from '../../src/policy/policy.js';
import { reachOf } from '../../src/policy/reach.js';
import { section } from '../../src/policy/transform.js';
import { abi as abiOf } from '../../src/syscalls/abis.js';
import { syscallNumber, syscallsOf } from '../../src/syscalls/table.js';
import { boundaryCalls, decision, policy, sampler } from '../bpf/arbitrary.js';
import { policyOf, policyOfProfile } from './targets.js';

/** What a policy's compiled program answers. */
function interpreted(
  of: Policy,
  { auditArch, number, args }: Pick<Counterexample, 'auditArch' | 'number' | 'args'>,
) {
  const machine = prepare(compile(of, { nativeArch: auditArch }));
  return fromReturnValue(machine.run(dataWords({ number, auditArch, instructionPointer: 0n, args })));
}

/** Registers around a call's: each bit of each register flipped. */
function* bitFlips({ auditArch, number, args }: Call): Iterable<Call> {
  for (let index = 0; index < 6; index++)
    for (let bit = 0n; bit < 64n; bit++) {
      const flipped = Array.from({ length: 6 }, (_, at) => args[at] ?? 0n);
      flipped[index] = (flipped[index] ?? 0n) ^ (1n << bit);
      yield { auditArch, number, args: flipped };
    }
}

function bruteForce(left: Policy, right: Policy, differs: (call: Call) => boolean): Call | undefined {
  const pick = sampler(7);
  for (const call of [...boundaryCalls(left, 12, pick), ...boundaryCalls(right, 12, pick)]) {
    if (differs(call)) return call;
    // The registers that a condition looks at are few, so flipping bits of some calls is enough.
    if (pick([0, 1, 2, 3, 4, 5, 6, 7]) === 0)
      for (const near of bitFlips(call)) if (differs(near)) return near;
  }
  return undefined;
}

/** A policy and one that differs from it in one range, in nothing, or altogether. */
const pair: fc.Arbitrary<readonly [Policy, Policy]> = fc.oneof(
  fc.tuple(policy, policy),
  policy.map((one) => [one, one] as const),
  fc.tuple(policy, decision, fc.nat()).map(([one, changed, at]) => {
    const [first, ...rest] = one.sections;
    if (first === undefined) return [one, one] as const;
    const ranges = first.ranges.map((range, index) =>
      index === at % first.ranges.length ? { ...range, decision: changed } : range,
    );
    return [one, { ...one, sections: [section(first.auditArch, ranges), ...rest] }] as const;
  }),
);

describe('prove', () => {
  test('--equals and --within agree with brute force on 300 pairs of policies', { timeout: 240_000 }, () => {
    let [proved, refuted] = [0, 0];
    fc.assert(
      fc.property(pair, ([left, right]) => {
        const equal = proveEquals(left, right, 'x86_64');
        const inside = proveWithin(left, right, 'x86_64');
        if (equal.counterexample === undefined) {
          proved++;
          expect(
            bruteForce(left, right, (call) => !sameAction(decide(left, call), decide(right, call))),
          ).toBeUndefined();
        } else {
          refuted++;
          const found = equal.counterexample;
          expect(toReturnValue(interpreted(left, found))).toBe(toReturnValue(found.left));
          if (found.right === undefined) throw new Error('no right side');
          expect(toReturnValue(interpreted(right, found))).toBe(toReturnValue(found.right));
          expect(sameAction(found.left, found.right)).toBe(false);
        }
        if (inside.counterexample === undefined) {
          const wider = (call: Call): boolean => reachOf(decide(left, call)) > reachOf(decide(right, call));
          expect(bruteForce(left, right, wider)).toBeUndefined();
        } else {
          const found = inside.counterexample;
          expect(reachOf(interpreted(left, found))).toBeGreaterThan(reachOf(interpreted(right, found)));
        }
        expect(equal.proved).toBe(equal.counterexample === undefined);
        expect(inside.proved).toBe(inside.counterexample === undefined);
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(proved).toBeGreaterThan(50);
    expect(refuted).toBeGreaterThan(50);
  });

  test('profiles of random rules: every number up to 700, every argument near a condition', {
    timeout: 240_000,
  }, async () => {
    const names = [
      'read',
      'write',
      'personality',
      'socket',
      'clone',
      'ioctl',
      'prctl',
      'mount',
      'ptrace',
      'reboot',
    ];
    const pick = sampler(11);
    const rule = (): object => {
      const action = pick(['SCMP_ACT_ALLOW', 'SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_KILL']);
      const op = pick(['SCMP_CMP_EQ', 'SCMP_CMP_NE', 'SCMP_CMP_GE', 'SCMP_CMP_LT', 'SCMP_CMP_MASKED_EQ']);
      const value = pick([0, 1, 40, 0x40000, 0xffffffff]);
      const args = pick([true, false]) ? [{ index: pick([0, 1]), value, valueTwo: value, op }] : [];
      return { names: [pick(names)], action, args };
    };
    let different = 0;
    for (let round = 0; round < 60; round++) {
      const rules = [rule(), rule(), rule()];
      const other = pick([rules, [...rules, rule()], rules.slice(1)]);
      const profile = (syscalls: readonly object[]) =>
        policyOfProfile({
          defaultAction: 'SCMP_ACT_ERRNO',
          architectures: ['SCMP_ARCH_X86_64'],
          syscalls,
        }).catch(() => undefined);
      const [left, right] = [await profile(rules), await profile(other)];
      if (left === undefined || right === undefined) continue;
      const { counterexample } = proveEquals(left, right, 'x86_64');
      const seen = everyNumber().find((call) => !sameAction(decide(left, call), decide(right, call)));
      expect(counterexample === undefined).toBe(seen === undefined);
      if (counterexample !== undefined) different++;
    }
    expect(different).toBeGreaterThan(10);
  });

  test('two spellings of one profile are equal', async () => {
    const names = syscallsOf('x86_64').map(({ name }) => name);
    const head = {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    };
    const conditional = {
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }],
    };
    const plain = names.filter((name) => name !== 'personality');
    const grouped = await policyOfProfile({
      ...head,
      syscalls: [{ names: plain, action: 'SCMP_ACT_ALLOW', args: [] }, conditional],
    });
    const single = plain.toReversed().map((name) => ({ names: [name], action: 'SCMP_ACT_ALLOW', args: [] }));
    const shuffled = await policyOfProfile({ ...head, syscalls: [conditional, ...single] });
    expect(proveEquals(grouped, shuffled, 'x86_64')).toEqual({ proved: true });
    const fewer = single.filter(({ names: [name] }) => name !== 'ptrace');
    const without = await policyOfProfile({ ...head, syscalls: [conditional, ...fewer] });
    expect(proveEquals(grouped, without, 'x86_64').counterexample?.syscall).toBe('ptrace');
  });

  test('a widening is exactly what it should be', async () => {
    const [old, fixed] = [await policyOf('docker@24.0.9'), await policyOf('docker@25.0.0')];
    expect(proveWithin(fixed, old, 'x86_64').proved).toBe(true);
    const { counterexample } = proveWithin(old, fixed, 'x86_64');
    expect(counterexample).toMatchObject({ abi: 'x86_64', syscall: 'io_uring_setup', number: 425 });
  });
});

function everyNumber(): readonly Call[] {
  const { auditArch } = abiOf('x86_64');
  const values = [
    0n,
    1n,
    2n,
    39n,
    40n,
    41n,
    0x3ffffn,
    0x40000n,
    0x40001n,
    0xfffffffen,
    0xffffffffn,
    0x100000000n,
    0x100000028n,
    0x100040000n,
    0xffffffffffffffffn,
  ];
  const registers = values.flatMap((first) => values.map((second) => [first, second, 0n, 0n, 0n, 0n]));
  return Array.from({ length: 700 }, (_, number) => number).flatMap((number) =>
    (number < 170 ? registers : registers.slice(0, 1)).map((args) => ({ auditArch, number, args })),
  );
}

describe('prove --never', () => {
  const deny = (op: string): object => ({
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [
      {
        names: ['socket'],
        action: 'SCMP_ACT_ERRNO',
        args: [
          { index: 0, op, ...(op === 'SCMP_CMP_EQ' ? { value: 40 } : { value: 0xffffffff, valueTwo: 40 }) },
        ],
      },
    ],
  });

  test('an int compared as 64 bits is passed by its upper half, and the kernel’s truncation is told', async () => {
    const { counterexample } = proveNever(
      await policyOfProfile(deny('SCMP_CMP_EQ')),
      'x86_64:socket(AF_VSOCK)',
      'x86_64',
    );
    expect(counterexample).toMatchObject({
      abi: 'x86_64',
      syscall: 'socket',
      args: [0x100000028n, 0n, 0n, 0n, 0n, 0n],
    });
    expect(counterexample?.explanation).toMatch(/low 32 bits of family.*0x100000028 is AF_VSOCK/);
  });

  test('compared under a mask it is proved', async () => {
    expect(
      proveNever(await policyOfProfile(deny('SCMP_CMP_MASKED_EQ')), 'x86_64:socket(AF_VSOCK)', 'x86_64'),
    ).toEqual({ proved: true });
  });

  test('the other ABIs of the machine and socketcall count unless the call names its ABI', async () => {
    const policy = await policyOfProfile({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
      syscalls: [
        { names: ['socketcall'], action: 'SCMP_ACT_ALLOW', args: [] },
        { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_LT', value: 40 }] },
      ],
    });
    const { counterexample } = proveNever(policy, 'socket(AF_VSOCK)', 'x86_64');
    expect(counterexample).toMatchObject({
      abi: 'x86',
      syscall: 'socketcall',
      args: [1n, 0n, 0n, 0n, 0n, 0n],
    });
    expect(counterexample?.explanation).toMatch(/behind a pointer/);
    expect(proveNever(policy, 'x86:socket(AF_VSOCK)', 'x86_64').proved).toBe(true);
  });

  test('a filter that names one architecture and kills the rest lets nothing past on the others', async () => {
    const policy = await policyOfProfile({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ['ptrace'], action: 'SCMP_ACT_ERRNO', args: [] }],
    });
    expect(proveNever(policy, 'ptrace', 'x86_64').proved).toBe(true);
    const open: Policy = { ...policy, otherArch: { kind: 'allow' } };
    expect(proveNever(open, 'ptrace', 'x86_64').counterexample).toMatchObject({
      abi: 'x86',
      number: syscallNumber('ptrace', 'x86'),
    });
  });
});

describe('prove --always', () => {
  test.each([
    ['futex', true],
    ['personality(8)', false],
    ['personality(0)', false],
    ['reboot', false],
  ] as const)('docker 28.5.2 always lets %s run: %s', async (call, proved) => {
    const proof = proveAlways(await policyOf('docker@28.5.2'), call, 'x86_64');
    expect(proof.proved).toBe(proved);
    expect(proof.counterexample === undefined).toBe(proved);
  });

  test('a value that is allowed whatever its upper half is', async () => {
    const policy = await policyOfProfile({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        {
          names: ['personality'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0xffffffff, valueTwo: 8 }],
        },
      ],
    });
    expect(proveAlways(policy, 'personality(8)', 'x86_64').proved).toBe(true);
    expect(proveAlways(policy, 'personality', 'x86_64').proved).toBe(false);
  });

  test('a call that the ABI does not have is an error', async () => {
    expect(() => proveAlways({ sections: [], otherArch: { kind: 'allow' } }, 'socketcall', 'x86_64')).toThrow(
      /x86_64 has no call named socketcall/,
    );
  });
});

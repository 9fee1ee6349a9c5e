import { describe, expect, test } from 'vitest';
import { diffPolicies, type PolicyDiff } from '../../src/explain/diff.js';
import { verdictWord } from '../../src/explain/verdict.js';
import { decide } from '../../src/policy/decide.js';
import { policyOf, policyOfProfile } from './targets.js';

const changed = ({ changes }: PolicyDiff, abi: string): readonly string[] =>
  changes
    .filter((change) => change.abi === abi)
    .map(({ syscall, from, to }) => `${syscall}: ${verdictWord(from.verdict)} → ${verdictWord(to.verdict)}`);

interface Row {
  readonly left: string;
  readonly right: string;
  readonly arch?: 'x86';
  /** On the native ABI, in number order. */
  readonly changes: readonly string[];
  /** Other ABIs that change in the same way. */
  readonly also: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    left: 'docker@20.10.9',
    right: 'docker@20.10.10',
    changes: ['clone3: EPERM → ENOSYS'],
    also: ['x86', 'x32'],
  },
  {
    left: 'docker@24.0.9',
    right: 'docker@25.0.0',
    changes: [
      'io_uring_setup: allowed → EPERM',
      'io_uring_enter: allowed → EPERM',
      'io_uring_register: allowed → EPERM',
    ],
    also: ['x86', 'x32'],
  },
  { left: 'docker@28.5.1', right: 'docker@28.5.2', changes: [], also: [] },
  {
    left: 'docker@29.4.1',
    right: 'docker@29.4.2',
    arch: 'x86',
    changes: ['socketcall: allowed → ENOSYS', 'socket: by arguments → by arguments'],
    also: [],
  },
];

describe('diff', () => {
  test.each(ROWS)('$left and $right $arch', async ({ left, right, arch, changes, also }) => {
    const more = arch === undefined ? {} : { arch };
    const diff = diffPolicies(await policyOf(left, more), await policyOf(right, more), arch ?? 'x86_64');
    expect(diff.equal).toBe(changes.length === 0);
    expect(changed(diff, arch ?? 'x86_64')).toEqual(changes);
    for (const abi of also) expect(changed(diff, abi)).toEqual(changes);
    expect(diff.changes).toHaveLength(changes.length * (also.length + 1));
    expect(diff.unnamed).toEqual([]);
    expect(diff.otherArchitectures).toBeUndefined();
  });

  test('socket of 29.4.2 on x86 is narrower, and for how many values', async () => {
    const more = { arch: 'x86' };
    const diff = diffPolicies(
      await policyOf('docker@29.4.1', more),
      await policyOf('docker@29.4.2', more),
      'x86',
    );
    const socket = diff.changes.find(({ syscall }) => syscall === 'socket');
    expect(socket?.widened).toBeUndefined();
    // 32-bit registers: libseccomp compares the low half only, so every upper half counts.
    expect(socket?.narrowed).toEqual({ arguments: [0], count: 1n << 32n, of: 1n << 64n });
    expect(socket?.example.args).toEqual([38n, undefined, undefined, undefined, undefined, undefined]);
  });

  test('runc and crun on 24.0.9: calls newer than the profile, and numbers that no table knows', async () => {
    const diff = diffPolicies(
      await policyOf('docker@24.0.9+runc@1.1.12+libseccomp@2.5.5'),
      await policyOf('docker@24.0.9+crun@1.14+libseccomp@2.5.5'),
      'x86_64',
    );
    expect(changed(diff, 'x86_64')).toContain('fchmodat2: ENOSYS → EPERM');
    expect(
      diff.changes.every(({ widened, narrowed }) => widened === undefined && narrowed === undefined),
    ).toBe(true);
    const tail = diff.unnamed.find(({ abi }) => abi === 'x86_64');
    expect(tail).toMatchObject({
      last: 0x3fffffff,
      from: { verdict: { errno: 'ENOSYS' } },
      to: { verdict: { errno: 'EPERM' } },
    });
  });

  test('one value of one argument is counted as one', async () => {
    const profile = (values: readonly number[]) =>
      policyOfProfile({
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures: ['SCMP_ARCH_X86_64'],
        syscalls: values.map((value) => ({
          names: ['personality'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
        })),
      });
    const [narrow, wide] = [await profile([0]), await profile([0, 0x40000])];
    const { changes } = diffPolicies(narrow, wide, 'x86_64');
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      syscall: 'personality',
      widened: { arguments: [0], count: 1n, of: 1n << 64n },
    });
    expect(changes[0]?.narrowed).toBeUndefined();
    expect(diffPolicies(wide, narrow, 'x86_64').changes[0]).toMatchObject({ narrowed: { count: 1n } });
  });

  test('every example is one', async () => {
    const [left, right] = [await policyOf('docker@19.03.15'), await policyOf('docker@29.7.2')];
    const diff = diffPolicies(left, right, 'x86_64');
    expect(diff.changes.length).toBeGreaterThan(50);
    for (const { abi, number, example } of diff.changes) {
      const args = example.args.map((value) => value ?? 0n);
      const call = { auditArch: abi === 'x86' ? 0x40000003 : 0xc000003e, number, args };
      expect(decide(left, call)).toEqual(example.left);
      expect(decide(right, call)).toEqual(example.right);
      expect(example.left).not.toEqual(example.right);
    }
  });

  test('no filter: everything that is denied is wider, on architectures without a name too', async () => {
    const none = { sections: [], otherArch: { kind: 'allow' } as const };
    const diff = diffPolicies(await policyOf('docker@28.5.2'), none, 'x86_64');
    expect(
      diff.changes.every(({ widened, narrowed }) => widened !== undefined && narrowed === undefined),
    ).toBe(true);
    expect(diff.changes.map(({ syscall }) => syscall)).toContain('reboot');
    expect(diff.unnamed.every(({ widened }) => widened !== undefined)).toBe(true);
    expect(diff.otherArchitectures).toEqual({ from: { kind: 'kill_thread' }, to: { kind: 'allow' } });
  });
});

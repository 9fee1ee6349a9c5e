import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { compile } from '../../src/bpf/compile.js';
import type { Program } from '../../src/bpf/instruction.js';
import { loadDefaults } from '../../src/engine/defaults.js';
import type { Policy } from '../../src/policy/policy.js';
import type { AbiName } from '../../src/syscalls/abi.js';
import { syscallNumber } from '../../src/syscalls/table.js';
import { describeWithOracle } from '../oracle.js';
import { PATIENCE } from '../patience.js';
import { policy as policies, X86, X86_64 } from './arbitrary.js';
import { isConstantAllow } from './constantAllow.js';
import { kernelBitmap, lacksKernelBitmaps } from './kernelBitmap.js';
import { defaultPolicy, denyListPolicy } from './realPolicies.js';

const ENGINES = ['docker', 'podman', 'buildah', 'containerd', 'cri-o'] as const;
const NATIVES: readonly AbiName[] = ['x86_64', 'aarch64', 'arm', 'ppc64le', 's390x', 'riscv64'];
const TIME = 120_000 * PATIENCE;

const counts = { programs: 0, 'constant ALLOW': 0, 'kernel programs': 0, 'kernel bits': 0 };
afterAll(() => console.info(`the kernel’s bitmap: ${JSON.stringify(counts)}`));

/** One release of each default profile. */
async function distinctDefaults(engine: (typeof ENGINES)[number]): Promise<readonly string[]> {
  const { releases, profileId } = await loadDefaults(engine);
  const versions = new Map<string, string>();
  for (const { version } of releases) {
    const id = profileId(version);
    if (id !== undefined) versions.set(id, version);
  }
  return [...versions.values()].map((version) => `${engine}@${version}`);
}

/** The kernel's bitmap has NR_syscalls bits; of x32 numbers it has none, but the emulation is as good for them. */
const BITS = 512;

/** Every number that the policy allows whatever the arguments is found to be allowed by the emulation. */
function expectBitmap(policy: Policy, name: string): void {
  const program = compile(policy);
  counts.programs++;
  for (const { auditArch, ranges } of policy.sections) {
    for (const { from, to, decision } of ranges) {
      if (decision.kind !== 'leaf' || decision.action.kind !== 'allow') continue;
      for (let number = from; number <= Math.min(to, from + BITS); number++) {
        counts['constant ALLOW']++;
        if (!isConstantAllow(program, number, auditArch))
          expect.fail(`${name}: ${number} of 0x${auditArch.toString(16)}`);
      }
    }
  }
}

describe('every constant ALLOW is one by seccomp_is_const_allow', () => {
  test.each(ENGINES)('in the defaults of %s, on every architecture', { timeout: TIME }, async (engine) => {
    for (const target of await distinctDefaults(engine))
      for (const native of NATIVES)
        expectBitmap(await defaultPolicy(target, undefined, native), `${target} on ${native}`);
  });

  test('in random policies', { timeout: TIME }, () => {
    for (const [index, policy] of fc.sample(policies, { seed: 11, numRuns: 1000 }).entries())
      expectBitmap(policy, `policy ${index}`);
  });

  test('in a deny-list for 14 architectures', () => {
    expectBitmap(denyListPolicy(), 'the deny-list');
  });
});

/** Every kernel that has the bitmap has these numbers: the first such one is Linux 5.11. */
const LAST_NUMBER = 440;

/** Newer kernels ask no filter of these (seccomp_uprobe_exception of kernel/seccomp.c), and set their bits. */
const UNASKED = ['uretprobe', 'uprobe'].map((name) => syscallNumber(name, 'x86_64') ?? expect.fail(name));

describeWithOracle(lacksKernelBitmaps(), 'the kernel’s own bitmaps, read out of its memory', () => {
  const expectSame = async (program: Program, name: string): Promise<void> => {
    const bitmap = await kernelBitmap(program);
    counts['kernel programs']++;
    for (const [auditArch, bit] of [
      [X86_64, bitmap.native],
      [X86, bitmap.compat],
    ] as const) {
      for (let number = 0; number <= LAST_NUMBER; number++) {
        if (auditArch === X86_64 && UNASKED.includes(number)) continue;
        counts['kernel bits']++;
        if (bit(number) !== isConstantAllow(program, number, auditArch))
          expect.fail(`${name}: ${number} of 0x${auditArch.toString(16)} is ${bit(number)} in the kernel`);
      }
    }
  };

  test.each(ENGINES)('are the emulated ones for the defaults of %s', { timeout: TIME }, async (engine) => {
    for (const target of await distinctDefaults(engine))
      await expectSame(compile(await defaultPolicy(target)), target);
  });

  test('differ where something else is loaded before', async () => {
    const program = compile(await defaultPolicy('docker@28.2.0'));
    const spoilt: Program = [{ code: 0x20, jt: 0, jf: 0, k: 8 }, ...program];
    const bitmap = await kernelBitmap(spoilt);
    expect(isConstantAllow(program, 0, X86_64)).toBe(true);
    expect(bitmap.native(0)).toBe(false);
    await expectSame(spoilt, 'spoilt');
  });
});

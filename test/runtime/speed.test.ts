import { expect, it } from 'vitest';
import type { OciSeccomp } from '../../src/engine/oci.js';
import { applyRuntime } from '../../src/runtime/apply.js';
import { syscallsOf } from '../../src/syscalls/table.js';

/** As large as Docker's default profile: every name of the table, three ABIs, some comparisons. */
const names = syscallsOf('x86_64').map((one) => one.name);
const oci: OciSeccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  syscalls: [
    {
      names: names.filter((name) => name !== 'personality'),
      action: 'SCMP_ACT_ALLOW',
      args: [],
      origin: { rule: 0 },
    },
    ...[0n, 8n, 0x20000n, 0x20008n, 0xffffffffn].map((value) => ({
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value, valueTwo: 0n, op: 'SCMP_CMP_EQ' }],
      origin: { rule: 1 },
    })),
  ],
};

it('is quick for a profile as large as Docker’s', () => {
  const target = {
    runtime: { name: 'runc', version: '1.3.3' },
    libseccomp: '2.5.6',
    nativeAbi: 'x86_64',
  } as const;
  const times = Array.from({ length: 30 }, () => {
    const start = performance.now();
    applyRuntime(oci, target);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const median = times[15] ?? Number.POSITIVE_INFINITY;
  console.info(`applyRuntime, ${names.length} names on three ABIs: median ${median.toFixed(2)} ms`);
  // About 3 ms on one idle core; the limit leaves room for a busy machine.
  expect(median).toBeLessThan(30);
});

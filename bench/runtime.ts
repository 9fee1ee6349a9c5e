/** What a runtime makes of a profile as large as Docker's default: names on three ABIs, some comparisons. */
import type { OciSeccomp } from '../src/engine/oci.js';
import { applyRuntime } from '../src/runtime/apply.js';
import { syscallsOf } from '../src/syscalls/table.js';

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

const target = {
  runtime: { name: 'runc', version: '1.3.3' },
  libseccomp: '2.5.6',
  nativeAbi: 'x86_64',
} as const;
const ROUNDS = 50;
const times = Array.from({ length: ROUNDS }, () => {
  const started = performance.now();
  applyRuntime(oci, target);
  return performance.now() - started;
}).sort((a, b) => a - b);
console.info(
  `applyRuntime, ${names.length} names on three ABIs: median ${times[ROUNDS >> 1]?.toFixed(2)} ms`,
);

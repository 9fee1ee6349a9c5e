// How long the road from a policy to a proved program takes, and how good the program is.
// node scripts/run.mjs bench/compile.ts [--json]
import { compile } from '../src/bpf/compile.js';
import { prepare } from '../src/bpf/interpret.js';
import { lift } from '../src/bpf/lift.js';
import { dataWords } from '../src/bpf/seccompData.js';
import { statistics } from '../src/bpf/statistics.js';
import { verify } from '../src/bpf/verify.js';
import type { Policy } from '../src/policy/policy.js';
import { syscallsOf } from '../src/syscalls/table.js';
import { defaultPolicy, denyListPolicy } from '../test/bpf/realPolicies.js';

/** Median of milliseconds a run takes when warm. */
function median(body: () => unknown, runs = 200): number {
  for (let run = 0; run < runs; run++) body();
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    body();
    return performance.now() - started;
  }).sort((a, b) => a - b);
  return times[runs >> 1] ?? Number.NaN;
}

interface Row {
  readonly policy: string;
  readonly instructions: number;
  readonly meanExecuted: number;
  readonly worstExecuted: number;
  readonly compileMs: number;
  readonly liftMs: number;
  readonly verifyMs: number;
  /** Millions of calls per second in the interpreter. */
  readonly interpretMcalls: number;
}

function measure(name: string, policy: Policy): Row {
  const program = compile(policy);
  const { instructions, meanExecuted, worstExecuted } = statistics(program, 'x86_64');
  const machine = prepare(program);
  const calls = syscallsOf('x86_64').map(({ number }) => dataWords({ number, auditArch: 0xc000003e }));
  const round = median(() => {
    for (const data of calls) machine.run(data);
  });
  return {
    policy: name,
    instructions,
    meanExecuted,
    worstExecuted,
    compileMs: median(() => compile(policy, { verify: false })),
    liftMs: median(() => lift(program)),
    verifyMs: median(() => verify(program, policy)),
    interpretMcalls: calls.length / round / 1000,
  };
}

const rows = [
  measure('docker@28.2.0, x86_64', await defaultPolicy('docker@28.2.0', 'SCMP_ARCH_X86_64')),
  measure('docker@28.2.0, x86_64 x86 x32', await defaultPolicy('docker@28.2.0')),
  measure('podman, x86_64 x86 x32', await defaultPolicy('podman')),
  measure('deny-list, 14 architectures', denyListPolicy()),
];
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else
  console.table(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          typeof value === 'number' ? Number(value.toFixed(3)) : value,
        ]),
      ),
    ),
  );

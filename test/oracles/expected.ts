import type { Action } from '../../src/policy/action.js';
import { decide } from '../../src/policy/decide.js';
import type { Policy } from '../../src/policy/policy.js';
import { type ProbeResult, showResult } from './probe/binary.js';
import { AUDIT_ARCH, filterNumber, type ProbeCall } from './probe/calls.js';

const SIGSYS = 31;

/** What the probe sees of an action; `reached` where the call gets through to the kernel. */
function seen(action: Action): string {
  switch (action.kind) {
    case 'allow':
    case 'log':
    // Only in mode `verdict`: run for real and without a tracer, the call would fail with ENOSYS.
    case 'trace':
      return 'reached';
    case 'errno':
      return action.errno === 0 ? 'returned' : `errno ${action.errno}`;
    case 'trap':
    case 'kill_thread':
    case 'kill_process':
      return `signal ${SIGSYS}`;
    case 'notify':
      throw new Error('the probe knows nothing of NOTIFY');
  }
}

/**
 * Some x86-64 kernels let their own trampolines uretprobe and uprobe pass every filter (kernel/seccomp.c,
 * seccomp_uprobe_exception). Made from elsewhere than a trampoline they end in SIGILL and ENXIO.
 */
const TRAMPOLINES: ReadonlyMap<number, string> = new Map([
  [335, 'signal 4'],
  [336, 'errno 6'],
]);

function passedAllFilters({ abi, number }: ProbeCall, observed: string): boolean {
  return abi === 'x86_64' && TRAMPOLINES.get(number) === observed;
}

/** One line for each call whose fate is not what the policy says; `allowed` is what becomes of a call without a filter. */
export function mismatches(
  policy: Policy,
  calls: readonly ProbeCall[],
  results: readonly ProbeResult[],
  allowed: (index: number) => string,
): string[] {
  return calls.flatMap((call, index) => {
    const action = decide(policy, {
      auditArch: AUDIT_ARCH[call.abi],
      number: filterNumber(call),
      args: call.args,
    });
    const predicted = seen(action);
    const expected = predicted === 'reached' ? allowed(index) : predicted;
    const result = results[index];
    const observed = result === undefined ? 'nothing' : showResult(result);
    if (observed === expected || passedAllFilters(call, observed)) return [];
    return [`${call.abi} ${call.number}(${call.args.join()}): predicted ${expected}, observed ${observed}`];
  });
}

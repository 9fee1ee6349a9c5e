import { test } from '../policy/decision.js';
import type { Decision, Test } from '../policy/policy.js';

/** The decision that is left when some registers are known. */
export function restrict(decision: Decision, args: readonly (bigint | undefined)[]): Decision {
  const seen = new Map<Test, Decision>();
  const walk = (node: Decision): Decision => {
    if (node.kind === 'leaf') return node;
    const known = seen.get(node);
    if (known !== undefined) return known;
    const register = args[node.word >> 1];
    const result =
      register === undefined
        ? test({ ...node, then: walk(node.then), else: walk(node.else) })
        : walk(holds(node, halfOf(register, node.word)) ? node.then : node.else);
    seen.set(node, result);
    return result;
  };
  return walk(decision);
}

/** The 32-bit half of a register that a test looks at. */
export function halfOf(register: bigint, word: number): number {
  return Number(BigInt.asUintN(32, word & 1 ? register >> 32n : register));
}

/** Whether a test takes its `then` branch for this 32-bit value. */
export function holds(node: Test, value: number): boolean {
  const masked = (value & node.mask) >>> 0;
  switch (node.op) {
    case 'eq':
      return masked === node.value;
    case 'gt':
      return masked > node.value;
    case 'ge':
      return masked >= node.value;
  }
}

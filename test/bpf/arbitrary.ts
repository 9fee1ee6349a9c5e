import fc from 'fast-check';
import type { Instruction } from '../../src/bpf/instruction.js';
import { OP } from '../../src/bpf/instruction.js';
import type { Action } from '../../src/policy/action.js';
import type { Call } from '../../src/policy/decide.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import type { Decision, Policy, Range } from '../../src/policy/policy.js';
import { section } from '../../src/policy/transform.js';

export const LAST = 0xffffffff;
export const X86_64 = 0xc000003e;
export const X86 = 0x40000003;
const AARCH64 = 0xc00000b7;
export const S390X = 0x80000016;
const ARCHS = [X86_64, X86, AARCH64, S390X, 0x8, 0xffffffff, 0];

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Action>({ kind: 'allow' }, { kind: 'errno', errno: 1 }) },
  fc.constantFrom<Action>(
    { kind: 'log' },
    { kind: 'notify' },
    { kind: 'kill_thread' },
    { kind: 'kill_process' },
    { kind: 'errno', errno: 0 },
    { kind: 'errno', errno: 38 },
    { kind: 'errno', errno: 4095 },
    { kind: 'trace', data: 1 },
    { kind: 'trace', data: 65535 },
    { kind: 'trap', data: 0 },
    { kind: 'trap', data: 9 },
  ),
);

const word32 = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 12 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0x7fffffff, 0x80000000, 0xfffffffe, LAST, 0x40000000, 0xffff, 0x10000),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: LAST }) },
);

export const decision: fc.Arbitrary<Decision> = fc.letrec<{ node: Decision }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 7 },
    action.map(leaf),
    fc
      .record({
        word: fc.oneof(
          { weight: 4, arbitrary: fc.integer({ min: 0, max: 3 }) },
          fc.integer({ min: 0, max: 11 }),
        ),
        mask: fc.oneof({ weight: 3, arbitrary: fc.constant(LAST) }, { weight: 1, arbitrary: word32 }),
        op: fc.constantFrom('eq' as const, 'gt' as const, 'ge' as const),
        value: word32,
        then: tie('node'),
        else: tie('node'),
      })
      .map(compare),
  ),
})).node;

const boundaries = fc
  .uniqueArray(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) }, word32), { maxLength: 24 })
  .map((values) => [...new Set([0, ...values])].sort((a, b) => a - b));

const ranges: fc.Arbitrary<readonly Range[]> = boundaries.chain((starts) =>
  fc.array(decision, { minLength: starts.length, maxLength: starts.length }).map((decisions) =>
    starts.map((from, index) => ({
      from,
      to: (starts[index + 1] ?? LAST + 1) - 1,
      decision: decisions[index] ?? leaf({ kind: 'allow' }),
    })),
  ),
);

export const policy: fc.Arbitrary<Policy> = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...ARCHS), { maxLength: 4 }), action)
  .chain(([archs, otherArch]) =>
    fc
      .tuple(...archs.map((arch) => ranges.map((list) => section(arch, list))))
      .map((sections) => ({ sections, otherArch })),
  );

/** Opcodes and constants that are mostly, but not always, what the kernel takes. */
export const instruction: fc.Arbitrary<Instruction> = fc.record({
  code: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...Object.values(OP)) },
    fc.integer({ min: 0, max: 0xffff }),
  ),
  jt: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 255 }),
  ),
  jf: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 255 }),
  ),
  k: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 2, arbitrary: fc.constantFrom(32, 60, 64) },
    word32,
  ),
});

/** A small repeatable generator for samples inside a property. */
export function sampler(seed: number): <T>(values: readonly T[]) => T {
  let state = seed >>> 0 || 1;
  return (values) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    const value = values[state % values.length];
    if (value === undefined) throw new RangeError('nothing to choose from');
    return value;
  };
}

/** Calls on both sides of every boundary of the policy: numbers of ranges, values of comparisons. */
export function boundaryCalls(
  policy: Policy,
  perNumber: number,
  pick: <T>(values: readonly T[]) => T,
): readonly Call[] {
  const calls: Call[] = [];
  for (const auditArch of [...policy.sections.map((part) => part.auditArch), 0x12345678]) {
    const part = policy.sections.find((candidate) => candidate.auditArch === auditArch);
    for (const range of part?.ranges ?? [{ from: 0, to: LAST, decision: leaf(policy.otherArch) }]) {
      const words = wordValues(range.decision);
      const count = range.decision.kind === 'leaf' ? 1 : perNumber;
      for (let sample = 0; sample < count; sample++) {
        const args = Array.from({ length: 6 }, (_, index) => {
          const [low, high] = [pick(words[2 * index] ?? [0]), pick(words[2 * index + 1] ?? [0])];
          return (BigInt(high) << 32n) | BigInt(low);
        });
        calls.push({ auditArch, number: pick([range.from, range.to]), args });
      }
      calls.push({ auditArch, number: range.from, args: [] }, { auditArch, number: range.to, args: [] });
    }
  }
  return calls;
}

function wordValues(root: Decision): readonly (readonly number[])[] {
  const values = Array.from({ length: 12 }, () => [0, 1, LAST]);
  const seen = new Set<Decision>();
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'leaf' || seen.has(node)) continue;
    seen.add(node);
    stack.push(node.then, node.else);
    const { value, mask } = node;
    const near = [value, value - 1, value + 1, value | ~mask, mask, ~mask];
    values[node.word]?.push(...near.map((candidate) => candidate >>> 0));
  }
  return values;
}

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { compile } from '../../src/bpf/compile.js';
import { disassemble } from '../../src/bpf/disassemble.js';
import { isBranch, mnemonic, OP, type Program } from '../../src/bpf/instruction.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import { loadDefaults } from '../../src/engine/defaults.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import type { Decision, Policy, Word } from '../../src/policy/policy.js';
import { section } from '../../src/policy/transform.js';
import { PATIENCE } from '../patience.js';
import { boundaryCalls, LAST, policy as policies, sampler, X86_64 } from './arbitrary.js';
import { reach } from './reach.js';
import { defaultPolicy, denyListPolicy } from './realPolicies.js';

const TIME = 120_000 * PATIENCE;

/** What the compiler has; whatever it emits is one of these, and each of them was executed. */
const EMITTED = [OP.ld_abs, OP.and, OP.jeq, OP.jgt, OP.jge, OP.jset, OP.ja, OP.ret];

const executed = new Set<number>();
const counts = { programs: 0, instructions: 0, dead: 0, sides: 0, infeasible: 0, runs: 0 };
afterAll(() => console.info(`executed, of what the compiler emits: ${JSON.stringify(counts)}`));

/**
 * Whether some decision compares one half of an argument under different masks: one comparison may imply another there,
 * `x & 0xff >= 16` that `x & 0xf0` is not 0, and the compiler does not look for that. No profile of an engine does so.
 */
function isEntangled(policy: Policy): boolean {
  return policy.sections.some(({ ranges }) =>
    ranges.some(({ decision }) => {
      const masks = new Map<Word, number>();
      const stack = [decision];
      for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
        if (node.kind === 'leaf') continue;
        if ((masks.get(node.word) ?? node.mask) !== node.mask) return true;
        masks.set(node.word, node.mask);
        stack.push(node.then, node.else);
      }
      return false;
    }),
  );
}

/** Every instruction of the policy's program is executed by some call. */
function expectReached(policy: Policy, name: string): void {
  const program = compile(policy);
  const calls = boundaryCalls(policy, 4, sampler(1)).map((call) => dataWords(call));
  const { instructions, sides, runs } = reach(program, calls);
  const dead = program.flatMap((_, at) => (instructions.has(at) ? [] : [at]));
  counts.dead += dead.length;
  if (dead.length > 0 && !isEntangled(policy))
    expect.fail(`${name}: nothing comes to ${dead}\n${disassemble(program)}`);
  for (const { code } of program) executed.add(code);
  counts.programs++;
  counts.instructions += program.length;
  counts.sides += sides.size;
  counts.infeasible += 2 * program.filter(({ code }) => isBranch(code)).length - sides.size;
  counts.runs += runs;
}

test('random policies', { timeout: TIME }, () => {
  for (const [index, policy] of fc.sample(policies, { seed: 5, numRuns: 400 }).entries())
    expectReached(policy, `policy ${index}`);
  expect(counts.dead).toBeLessThan(counts.instructions / 1000);
});

test.each(['docker', 'podman', 'buildah', 'containerd', 'cri-o'] as const)(
  'every default of %s',
  { timeout: TIME },
  async (engine) => {
    const { releases, profileId } = await loadDefaults(engine);
    const seen = new Set<string>();
    for (const { version } of releases) {
      const id = profileId(version);
      if (id === undefined || seen.has(id)) continue;
      seen.add(id);
      expectReached(await defaultPolicy(`${engine}@${version}`), `${engine}@${version}`);
    }
  },
);

/** Allows one word's values that are even, or below 3 of a mask. */
const bits = (mask: number): Decision =>
  compare({
    word: 2,
    mask,
    op: 'eq',
    value: 0,
    then: leaf({ kind: 'allow' }),
    else: compare({
      word: 2,
      mask,
      op: 'gt',
      value: 3,
      then: leaf({ kind: 'errno', errno: 1 }),
      else: leaf({ kind: 'log' }),
    }),
  });

/** One of many values of an argument. */
function oneOf(count: number, step: number): Decision {
  let decision: Decision = leaf({ kind: 'errno', errno: 1 });
  for (let index = 0; index < count; index++)
    decision = compare({
      word: 0,
      mask: LAST,
      op: 'eq',
      value: index * step,
      then: leaf({ kind: 'allow' }),
      else: decision,
    });
  return decision;
}

const whole = (decision: Decision): Policy => ({
  sections: [
    section(X86_64, [
      { from: 0, to: 40, decision: leaf({ kind: 'allow' }) },
      { from: 41, to: 41, decision },
      { from: 42, to: LAST, decision: leaf({ kind: 'errno', errno: 38 }) },
    ]),
  ],
  otherArch: { kind: 'kill_process' },
});

test.each<readonly [string, () => Policy]>([
  ['a deny-list for 14 architectures', denyListPolicy],
  ['masks', () => whole(bits(0xff))],
  ['1,000 values, too far for one jump', () => whole(oneOf(1000, 3))],
  ['one answer to everything', () => ({ sections: [], otherArch: { kind: 'trap', data: 5 } })],
  [
    'every number on its own',
    () => ({
      sections: [
        section(
          X86_64,
          Array.from({ length: 500 }, (_, from) => ({
            from,
            to: from === 499 ? LAST : from,
            decision: leaf({ kind: 'errno', errno: 1 + (from % 99) }),
          })),
        ),
      ],
      otherArch: { kind: 'allow' },
    }),
  ],
])('%s', { timeout: TIME }, (name, policy) => expectReached(policy(), name));

test('each kind of instruction was emitted and executed, and no other', () => {
  const names = (codes: Iterable<number>) => [...codes].map((code) => mnemonic(code)?.name).sort();
  expect(names(executed)).toEqual(names(EMITTED));
});

test('finds what nothing comes to', () => {
  const dead: Program = [
    { code: OP.ld_abs, jt: 0, jf: 0, k: 0 },
    { code: OP.jge, jt: 0, jf: 2, k: 5 },
    { code: OP.jeq, jt: 0, jf: 1, k: 4 },
    { code: OP.ret, jt: 0, jf: 0, k: 0 },
    { code: OP.ret, jt: 0, jf: 0, k: 0x7fff0000 },
  ];
  expect([...reach(dead, []).instructions].sort()).toEqual([0, 1, 2, 4]);
});

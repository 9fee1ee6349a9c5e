import { constants } from 'node:os';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { check } from '../../src/bpf/check.js';
import { compile } from '../../src/bpf/compile.js';
import { OP } from '../../src/bpf/instruction.js';
import { type Machine, prepare } from '../../src/bpf/interpret.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import { type Action, fromReturnValue, RET } from '../../src/policy/action.js';
import { type Call, decide } from '../../src/policy/decide.js';
import { leaf } from '../../src/policy/decision.js';
import type { Policy } from '../../src/policy/policy.js';
import { stackPolicies } from '../../src/policy/stack.js';
import { section } from '../../src/policy/transform.js';
import { syscallNumber } from '../../src/syscalls/table.js';
import { boundaryCalls, LAST, policy as policies, sampler, X86, X86_64 } from '../bpf/arbitrary.js';
import {
  canBeAsked,
  type KernelBatch,
  kernelAnswers,
  lacksKernelVerdicts,
  verdictWord,
} from '../bpf/kernelVerdict.js';
import { programs, sampledCalls } from '../bpf/randomPrograms.js';
import { defaultPolicy } from '../bpf/realPolicies.js';
import { describeWithOracle } from '../oracle.js';
import { PATIENCE } from '../patience.js';

/** Pairs of filter and call; by hand CALLGATE_KERNEL_PAIRS=100000. */
const PAIRS = Number(process.env['CALLGATE_KERNEL_PAIRS'] ?? 10_000);
const SEED = Number(process.env['CALLGATE_SEED'] ?? 1);
const CALLS = 50;
const BATCHES = Math.ceil(PAIRS / CALLS);
const TIME = 600_000 * PATIENCE;

const counts = new Map<string, number>();
const count = (what: string, by = 1): void => void counts.set(what, (counts.get(what) ?? 0) + by);
afterAll(() => console.info(`kernel as judge: ${[...counts].map(([what, n]) => `${n} ${what}`).join(', ')}`));

/** A policy of the archs that an x86-64 kernel has. */
const here = policies.map(
  ({ sections, otherArch }): Policy => ({
    sections: sections.slice(0, 2).map(({ ranges }, index) => section(index === 0 ? X86_64 : X86, ranges)),
    otherArch,
  }),
);

type Pick = <T>(values: readonly T[]) => T;
const some = (calls: readonly Call[], pick: Pick): readonly Call[] => {
  const possible = calls
    .map(({ auditArch, number, args }) => ({
      auditArch,
      number,
      args: auditArch === X86 ? args.map((value) => BigInt.asUintN(32, value)) : args,
    }))
    .filter(canBeAsked);
  return possible.length === 0 ? [] : Array.from({ length: CALLS }, () => pick(possible));
};

/** The interpreter's answers to one call, the newest filter's first. */
function interpreted(machines: readonly Machine[], call: Call, pointer: bigint): readonly number[] {
  const data = dataWords({ ...call, instructionPointer: pointer });
  return machines.map((machine) => machine.run(data));
}

/** seccomp_run_filters of kernel/seccomp.c: the smallest action as a signed number, of equal ones the newest filter's. */
const strongest = (newestFirst: readonly number[]): number =>
  newestFirst.reduce((newer, older) => (older >> 16 < newer >> 16 ? older : newer));

interface Case extends KernelBatch {
  /** What the filters were compiled from, the newest first, where they were. */
  readonly policies?: readonly Policy[];
}

/** The first ones that have calls at all. */
const asked = (cases: readonly Case[], count: number): readonly Case[] => {
  const some = cases.filter(({ calls }) => calls.length > 0).slice(0, count);
  expect(some).toHaveLength(count);
  return some;
};

/** Asks and compares: every word of the kernel is the one of the interpreter, and of the policies. */
function judge(cases: readonly Case[]): void {
  const { words, instructionPointers } = kernelAnswers(cases);
  const wrong: unknown[] = [];
  for (const [index, { filters, calls, traced = true, policies: from }] of cases.entries()) {
    const machines = filters.toReversed().map(prepare);
    expect(words[index]).toHaveLength(calls.length);
    for (const [position, call] of calls.entries()) {
      const values = interpreted(machines, call, instructionPointers.get(call.auditArch) ?? 0n);
      const action = fromReturnValue(strongest(values));
      if (from !== undefined) expect(decide(stackPolicies(from), call)).toEqual(action);
      const word = expectedWord(values, traced);
      const kernel = words[index]?.[position] ?? '';
      if (isUprobe(call) && UNASKED.includes(kernel)) {
        count('pairs that the kernel excepts (uretprobe, uprobe)');
        continue;
      }
      const entry = call.auditArch === X86 ? 'int 0x80' : call.number & 0x40000000 ? 'x32' : 'x86_64';
      for (const what of ['pairs', action.kind, `by ${entry}`]) count(what);
      if (filters.length > 1) count('under stacks');
      if (!traced) count('without tracer and listener');
      if (kernel !== word) wrong.push({ index, position, call, word, kernel });
    }
  }
  expect(wrong.slice(0, 3)).toEqual([]);
}

function expectedWord(newestFirst: readonly number[], traced: boolean): string {
  const value = strongest(newestFirst);
  const action = fromReturnValue(value);
  // An action that the kernel does not know may be weaker than the asker's own filter, and is seen as ALLOW then.
  if (traced && value >> 16 > RET.trace >> 16) return 'allow';
  // Only the newest filter has a listener, and of equal answers the newest one's counts.
  const isHeard = traced && (action.kind !== 'notify' || strongest(newestFirst.slice(0, 1)) === value);
  const isAsked = action.kind === 'notify' || action.kind === 'trace';
  return isAsked && !isHeard ? 'errno 38' : verdictWord(action);
}

/** What the kernel's own calls end with, of which newer kernels do not ask filters (seccomp_uprobe_exception). */
const UNASKED = ['unasked', `errno ${constants.errno.ENXIO}`];
const isUprobe = ({ auditArch, number }: Call): boolean =>
  auditArch === X86_64 &&
  [syscallNumber('uretprobe', 'x86_64'), syscallNumber('uprobe', 'x86_64')].includes(number);

describeWithOracle(lacksKernelVerdicts(), `the kernel, ${PAIRS} pairs of filter and call`, () => {
  test('programs of every opcode', { timeout: TIME }, () => {
    const drawn = fc.sample(programs, { seed: SEED, numRuns: 4 * BATCHES }).filter((one) => check(one).ok);
    // First those that bring an opcode which no one before had.
    const seen = new Set<number>();
    const isNew = drawn.map((program) => {
      const before = seen.size;
      for (const { code } of program) seen.add(code);
      return seen.size > before;
    });
    const ordered = [
      ...drawn.filter((_, index) => isNew[index]),
      ...drawn.filter((_, index) => !isNew[index]),
    ];
    const cases = ordered.slice(0, BATCHES).map((program, index) => ({
      filters: [program],
      calls: some(sampledCalls(program, sampler(index + SEED)), sampler(index + SEED)),
    }));
    const judged = asked(cases, Math.ceil(0.45 * BATCHES));
    judge(judged);
    const codes = judged.flatMap(({ filters }) => filters.flat().map(({ code }) => code));
    expect(new Set(codes).size).toBe(Object.keys(OP).length);
  });

  test('compiled policies', { timeout: TIME }, () => {
    const drawn = fc.sample(here, { seed: SEED, numRuns: Math.ceil(0.6 * BATCHES) });
    judge(
      asked(
        drawn.map((policy, index) => {
          const pick = sampler(index + SEED);
          return {
            filters: [compile(policy)],
            calls: some(boundaryCalls(policy, 8, pick), pick),
            policies: [policy],
          };
        }),
        Math.ceil(0.3 * BATCHES),
      ),
    );
  });

  test('stacks of two to four filters', { timeout: TIME }, () => {
    const stacks = fc.sample(fc.array(here, { minLength: 2, maxLength: 4 }), {
      seed: SEED,
      numRuns: Math.ceil(0.4 * BATCHES),
    });
    judge(
      asked(
        stacks.map((newestFirst, index) => {
          const pick = sampler(index + SEED);
          const calls = newestFirst.flatMap((policy) => boundaryCalls(policy, 8, pick));
          const filters = newestFirst.map((policy) => compile(policy)).toReversed();
          return { filters, calls: some(calls, pick), policies: newestFirst };
        }),
        Math.ceil(0.2 * BATCHES),
      ),
    );
  });

  test('default profiles of the engines', { timeout: TIME }, async () => {
    const engines = ['docker@20.10.9', 'docker@28.2.0', 'docker@29.4.3', 'podman', 'containerd', 'cri-o'];
    const all = await Promise.all(engines.map((engine) => defaultPolicy(engine)));
    const each = Math.max(1, Math.ceil((0.05 * BATCHES) / all.length));
    judge(
      all.flatMap((policy, index) => {
        const pick = sampler(index + SEED);
        const known = boundaryCalls(policy, 8, pick);
        const filters = [compile(policy)];
        return Array.from({ length: each }, () => ({
          filters,
          calls: some(known, pick),
          policies: [policy],
        }));
      }),
    );
  });

  test('every action, with nobody who traces or listens, by calls that really run', { timeout: TIME }, () => {
    judge(
      Array.from({ length: Math.max(1, Math.ceil(0.05 * BATCHES)) }, (_, index) => {
        const pick = sampler(index + SEED);
        const stack = Array.from({ length: pick([1, 1, 2, 3]) }, () => harmlessPolicy(pick));
        const calls = Array.from({ length: CALLS }, (): Call => {
          const auditArch = pick([X86_64, X86]);
          return { auditArch, number: pick(HARMLESS[auditArch] ?? []), args: [BigInt(pick([0, 1, 2, 3]))] };
        });
        return {
          filters: stack.map((policy) => compile(policy)).toReversed(),
          calls,
          policies: stack,
          traced: false,
        };
      }),
    );
  });

  test('all eight actions were seen, by every entry, and under stacks', () => {
    const kinds: readonly Action['kind'][] = [
      'allow',
      'log',
      'trace',
      'notify',
      'errno',
      'trap',
      'kill_thread',
      'kill_process',
    ];
    for (const what of [
      ...kinds,
      'by x86_64',
      'by int 0x80',
      'by x32',
      'under stacks',
      'without tracer and listener',
    ])
      expect([what, (counts.get(what) ?? 0) > 100]).toEqual([what, true]);
    expect(counts.get('pairs')).toBeGreaterThanOrEqual(PAIRS);
  });
});

/** Calls that only tell something of their caller, and never 0: getpid, getppid, gettid. */
const HARMLESS: Readonly<Record<number, readonly number[]>> = {
  [X86_64]: [39, 110, 186],
  [X86]: [20, 64, 224],
};

/** Something else for each of the harmless calls. */
function harmlessPolicy(pick: Pick): Policy {
  const actions: readonly Action[] = [
    { kind: 'allow' },
    { kind: 'allow' },
    { kind: 'log' },
    { kind: 'trace', data: 7 },
    { kind: 'notify' },
    { kind: 'errno', errno: 13 },
    { kind: 'errno', errno: 5000 },
    { kind: 'trap', data: 9 },
    { kind: 'kill_thread' },
    { kind: 'kill_process' },
  ];
  const part = (auditArch: number) => {
    const starts = [0, ...(HARMLESS[auditArch] ?? []).flatMap((number) => [number, number + 1])];
    const ranges = starts.map((from, index) => ({
      from,
      to: (starts[index + 1] ?? LAST + 1) - 1,
      decision: leaf(pick(actions)),
    }));
    return section(auditArch, ranges);
  };
  return { sections: [part(X86_64), part(X86)], otherArch: { kind: 'kill_process' } };
}

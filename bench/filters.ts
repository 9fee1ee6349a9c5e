import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../src/bpf/compile.js';
import { decode, encode } from '../src/bpf/encode.js';
import type { Program } from '../src/bpf/instruction.js';
import { prepare } from '../src/bpf/interpret.js';
import { dataWords } from '../src/bpf/seccompData.js';
import { statistics } from '../src/bpf/statistics.js';
import { EVEN_SHARE, type Histogram, recordedPrograms, typical, weightsFrom } from '../src/bpf/weights.js';
import { expand } from '../src/engine/expand.js';
import { resolveContext } from '../src/engine/resolveContext.js';
import { leaf, test } from '../src/policy/decision.js';
import type { Decision, Policy } from '../src/policy/policy.js';
import { section } from '../src/policy/transform.js';
import { syscallNumber, syscallsOf } from '../src/syscalls/table.js';
import { defaultPolicy } from '../test/bpf/realPolicies.js';
import { lacksLibseccomp, openLibseccomp } from '../test/oracles/libseccomp.js';
import { runNative } from '../test/oracles/libseccompRun.js';
import { cell, type Goal, probe, probeLines, type Row, scratch, type Table, timed } from './measure.js';

const X86_64 = 0xc000003e;
const ENGINE = 'docker@28.2.0';
const EVEN_SHARES = [1, 0.9, 0.8, 0.7, 0.65, 0.6, 0.5, 0.3, 0.2, 0.1, 0.05];

/** Mean over all numbers up to the last call, those without one included. */
function meanOfNumbers(program: Program): number {
  const machine = prepare(program);
  const last = Math.max(...syscallsOf('x86_64').map(({ number }) => number));
  let sum = 0;
  for (let number = 0; number <= last; number++) {
    machine.run(dataWords({ number, auditArch: X86_64 }));
    sum += machine.executed();
  }
  return sum / (last + 1);
}

/** Mean over the calls of one recorded program. */
function meanOfCalls(program: Program, histogram: Histogram): number {
  const machine = prepare(program);
  let [sum, total] = [0, 0];
  for (const [name, count] of Object.entries(histogram)) {
    const number = syscallNumber(name, 'x86_64');
    if (number === undefined) continue;
    machine.run(dataWords({ number, auditArch: X86_64 }));
    sum += machine.executed() * count;
    total += count;
  }
  return sum / total;
}

const recorded = recordedPrograms().map(({ histogram }) => histogram);
const average = (of: (histogram: Histogram) => number): number =>
  recorded.reduce((sum, histogram) => sum + of(histogram), 0) / recorded.length;

/** Each recorded program under a filter compiled from the others. */
function unseen(policy: Policy, evenShare: number): number {
  return average((histogram) => {
    const others = recorded.filter((other) => other !== histogram);
    return meanOfCalls(compile(policy, { weights: weightsFrom(typical(others), evenShare) }), histogram);
  });
}

function written(name: string, program: Program): string {
  const path = join(scratch, name);
  writeFileSync(path, encode(program, 'little'));
  return path;
}

interface Made {
  readonly name: string;
  readonly make: () => Program;
  /** Average over the recorded programs; ours without having seen them. */
  readonly mean: (program: Program) => number;
  readonly runs: number;
}

async function makers(only: string | undefined): Promise<{ policy: Policy; made: readonly Made[] }> {
  const policy = await defaultPolicy(ENGINE, only);
  const ours: Made = {
    name: 'callgate',
    make: () => compile(policy),
    mean: () => unseen(policy, EVEN_SHARE),
    runs: 200,
  };
  if (lacksLibseccomp !== undefined) return { policy, made: [ours] };
  const library = openLibseccomp();
  const expansion = await expand((await resolveContext({ engine: ENGINE, arch: 'x86_64' })).context);
  if (expansion.kind !== 'seccomp') throw new Error(expansion.kind);
  const oci = only === undefined ? expansion.oci : { ...expansion.oci, architectures: [only] };
  const theirs = (name: string, version: string): Made => ({
    name,
    make: () => {
      const runtime = { name: 'runc' as const, version };
      const result = runNative(library, { oci, runtime, nativeAbi: 'x86_64', values: [] });
      if (result.kind !== 'program') throw new Error(JSON.stringify(result));
      return decode(result.program, 'little');
    },
    mean: (program) => average((histogram) => meanOfCalls(program, histogram)),
    runs: 10,
  });
  return {
    policy,
    made: [
      ours,
      theirs(`libseccomp ${library.version}`, '1.1.5'),
      theirs(`libseccomp ${library.version} optimised`, '1.3.3'),
    ],
  };
}

/** Sizes, instructions executed, times of compilation, loading and calling, next to libseccomp. */
export async function filterTables(): Promise<readonly Table[]> {
  const rows: Row[] = [];
  const goals: Goal[] = [];
  const filters: Filter[] = [];
  let curve: Table | undefined;
  for (const [label, only] of [
    ['x86_64', 'SCMP_ARCH_X86_64'],
    ['x86_64 x86 x32', undefined],
  ] as const) {
    const { policy, made } = await makers(only);
    for (const { name, make, mean, runs } of made) {
      const program = make();
      const file = written(`${label}-${name}`.replaceAll(' ', '-'), program);
      const { instructions, worstExecuted } = statistics(program, 'x86_64');
      const [unweighted, recordedMean] = [meanOfNumbers(program), mean(program)];
      const [compiling, loading] = [timed(make, runs), probe('load', file, '300')];
      rows.push([
        `${name}, ${label}`,
        String(instructions),
        unweighted.toFixed(2),
        String(worstExecuted),
        recordedMean.toFixed(2),
        cell(compiling, 2),
        cell(loading, 0),
      ]);
      if (name === 'callgate') {
        const [most, milliseconds, microseconds] = only === undefined ? [280, 2, 130] : [82, 0.7, 60];
        const trade = 'the even share of the weights moves it against the other mean (the curve below)';
        goals.push(
          { what: `instructions, ${label}`, measured: instructions, most, unit: '' },
          {
            what: `executed over all numbers, ${label}`,
            measured: unweighted,
            most: 9,
            unit: '',
            because: trade,
          },
          { what: `executed at worst, ${label}`, measured: worstExecuted, most: 25, unit: '' },
          {
            what: `executed in recorded programs, ${label}`,
            measured: recordedMean,
            most: 7,
            unit: '',
            because: trade,
          },
          { what: `compile, ${label}`, measured: compiling.median, most: milliseconds, unit: 'ms' },
          {
            what: `load, ${label}`,
            measured: loading?.median ?? Number.NaN,
            most: microseconds,
            unit: 'µs',
            because: `the least was ${loading?.least.toFixed(0)} µs in this run`,
          },
        );
      }
      filters.push({ name: `${name}, ${label}`, file });
    }
    if (only !== undefined) curve = curveOf(policy);
  }
  return [
    {
      title: `The filter of ${ENGINE}`,
      columns: [
        '',
        'instructions',
        'executed: all numbers',
        'worst',
        'recorded programs',
        'compile, ms',
        'load, µs',
      ],
      rows,
      goals,
      remark:
        'Executed instructions of one call, the return included: the mean over all numbers up to the last one, the worst, and the mean over the calls of six recorded programs (data/syscall-weights.json), each of which runs under a filter whose weights come from the other five. Times: median (least). Compiling includes, for callgate, the proof that the program equals its policy.',
    },
    ...(curve === undefined ? [] : [curve]),
    callTable(filters),
    lists(),
  ];
}

interface Filter {
  readonly name: string;
  readonly file: string;
}

const GETPPID = ['110', '0'] as const;

/**
 * Calls that do almost nothing. A denied one does less than any that is not, so it is held against the cheapest.
 * The second is allowed, but only after its argument was looked at: the kernel cannot know it by its number alone.
 */
const CALLS = [
  { call: 'a call that is allowed by its number', title: 'getppid', words: GETPPID, plain: GETPPID },
  {
    call: 'a call whose argument is checked',
    title: 'personality(0xffffffff)',
    words: ['135', '0xffffffff'],
    plain: ['135', '0xffffffff'],
  },
  { call: 'a call that is denied', title: 'reboot, denied', words: ['169', '0'], plain: GETPPID },
] as const;

/** One call under each filter, all of them in every round, against the same call without one. */
function callTable(filters: readonly Filter[]): Table {
  const measured = CALLS.map(({ words, plain }) =>
    probeLines(
      'calls',
      '101',
      '20000',
      ...['-', ...plain],
      ...filters.flatMap(({ file }) => [file, ...words]),
    ),
  );
  const cells = (index: number): readonly string[] =>
    measured.map((lines) => {
      const [median, least, ratio] = lines[index] ?? [];
      return ratio === undefined
        ? '–'
        : `${ratio.toFixed(2)} × (${median?.toFixed(0)} ns, ${least?.toFixed(0)})`;
    });
  return {
    title: 'One call under a filter',
    columns: ['', ...CALLS.map(({ title }) => title)],
    rows: [['no filter', ...cells(0)], ...filters.map(({ name }, index): Row => [name, ...cells(index + 1)])],
    goals: filters.flatMap(({ name }, index) =>
      name.startsWith('callgate')
        ? CALLS.map(
            ({ call }, column): Goal => ({
              what: `${call}, ${name.replace('callgate, ', '')}, no filter = 1`,
              measured: measured[column]?.[index + 1]?.[2] ?? Number.NaN,
              most: 1.28,
              unit: '×',
              because: 'to look whether there is a filter takes the kernel longer than the filter itself',
            }),
          )
        : [],
    ),
    remark:
      'How many times longer than without a filter: the median over rounds that each have all of these one after the other, and nanoseconds, median (least). getppid is allowed by its number alone, which the kernel knows without running the filter; personality(0xffffffff) is allowed after its argument was looked at; reboot is denied by its number, and compared with getppid without a filter.',
  };
}

function curveOf(policy: Policy): Table {
  const both: number[] = [];
  const rows = EVEN_SHARES.map((share): Row => {
    const program = compile(policy, { weights: weightsFrom(typical(recorded), share) });
    const { instructions, worstExecuted } = statistics(program, 'x86_64');
    const [numbers, programs] = [meanOfNumbers(program), unseen(policy, share)];
    if (numbers <= 9 && programs <= 7) both.push(share);
    const label = share === EVEN_SHARE ? `**${share}**` : String(share);
    return [label, String(instructions), numbers.toFixed(2), String(worstExecuted), programs.toFixed(2)];
  });
  return {
    title: 'Even share of the weights',
    columns: ['even share', 'instructions', 'all numbers', 'worst', 'unseen programs'],
    rows,
    remark: `How the weights of numbers are mixed: so much spread evenly over all numbers, the rest as in recorded programs. In bold what the compiler takes: the least share with which the mean over all numbers stays below 9, a choice in which what recorded programs execute has no part. Each of them runs under a filter compiled from the other five. Both means are at their goals, 9 and 7, with ${both.length === 0 ? 'none of these shares' : both.join(', ')}.`,
  };
}

/** How many values, and how far from each other. */
const LISTS = [
  [1, 7],
  [10, 7],
  [100, 7],
  [1000, 7],
  [3000, 7],
  [10_000, 7],
  [10_000, 1],
] as const;

/** Values of one argument that are each allowed: scattered ones, and neighbours. */
function lists(): Table {
  const policyOf = (count: number, stride: number): Policy => {
    const allow = leaf({ kind: 'allow' });
    let decision: Decision = leaf({ kind: 'errno', errno: 1 });
    for (let value = 0; value < count; value++)
      decision = test({
        word: 0,
        mask: 0xffffffff,
        op: 'eq',
        value: value * stride,
        then: allow,
        else: decision,
      });
    return {
      sections: [section(X86_64, [{ from: 0, to: 0xffffffff, decision }])],
      otherArch: { kind: 'kill_thread' },
    };
  };
  const goals: Goal[] = [];
  const rows = LISTS.map(([count, stride]): Row => {
    const name = stride === 1 ? `${count}, neighbours` : String(count);
    try {
      const policy = policyOf(count, stride);
      const program = compile(policy);
      const { instructions, worstExecuted } = statistics(program, 'x86_64');
      const compiling = timed(() => compile(policy), 10);
      if (count === 1000 && stride > 1) {
        const most = 7 + Math.ceil(Math.log2(count));
        goals.push(
          {
            what: 'executed at worst, 1,000 values of one argument',
            measured: worstExecuted,
            most,
            unit: '',
          },
          {
            what: 'compile 1,000 values of one argument',
            measured: compiling.median,
            most: 10,
            unit: 'ms',
            because: 'the proof that the program equals its policy is in it',
          },
        );
      }
      return [name, String(instructions), String(worstExecuted), cell(compiling, 2)];
    } catch (error) {
      return [name, (error as Error).message, '', ''];
    }
  });
  return {
    title: 'Allowed values of one argument',
    columns: ['values', 'instructions', 'worst executed', 'compile, ms'],
    rows,
    goals,
    remark:
      'Every seventh number. The kernel takes 4096 instructions, and each value that is not next to another needs one comparison of its own; neighbours are one range, however many they are.',
  };
}

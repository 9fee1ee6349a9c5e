import { execFileSync } from 'node:child_process';
import type { Instruction } from '../src/bpf/instruction.js';
import { lift } from '../src/bpf/lift.js';
import type { Context } from '../src/engine/context.js';
import { resolveContext } from '../src/engine/resolveContext.js';
import { engineWords } from '../src/engine/versionList.js';
import { matrix } from '../src/explain/matrix.js';
import { comparePolicies } from '../src/policy/compare.js';
import { abi } from '../src/syscalls/abis.js';
import { syscallsOf } from '../src/syscalls/table.js';
import { defaultPolicy } from '../test/bpf/realPolicies.js';
import { cell, type Goal, type Row, type Table, timed } from './measure.js';

/** `if (arch != ARCH) skip; ld nr; jeq N → allow; …; ret deny` for one ABI after the other, as libseccomp writes it. */
export function linear(
  names: readonly ('x86_64' | 'x86' | 'aarch64')[],
  most: number,
): readonly Instruction[] {
  const programs = names.flatMap((name) => {
    const numbers = syscallsOf(name)
      .slice(0, most)
      .map(({ number }) => number);
    const body: Instruction[] = [{ code: 0x20, jt: 0, jf: 0, k: 0 }];
    for (const k of numbers)
      body.push({ code: 0x15, jt: 0, jf: 1, k }, { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 });
    body.push({ code: 0x06, jt: 0, jf: 0, k: 0x00050001 });
    return [
      { code: 0x20, jt: 0, jf: 0, k: 4 },
      { code: 0x15, jt: 1, jf: 0, k: abi(name).auditArch },
      { code: 0x05, jt: 0, jf: 0, k: body.length },
      ...body,
    ];
  });
  return [...programs, { code: 0x06, jt: 0, jf: 0, k: 0 }];
}

/** What no peer does: proofs, lifting, matrices; and decoding of logs. */
export async function analysisTables(): Promise<readonly Table[]> {
  const [left, right] = [await defaultPolicy('docker@27.5.1'), await defaultPolicy('docker@28.2.0')];
  const prove = timed(() => comparePolicies(left, right), 20);
  const program = linear(['x86_64', 'x86'], 250);
  const lifted = timed(() => {
    if (!lift(program).ok) throw new Error('not lifted');
  }, 20);
  const grown = await matrixTimes();
  const decode = decodeRates();
  return [
    {
      title: 'Questions about filters',
      columns: ['', 'ms, median (least)'],
      rows: [
        ['prove docker@27.5.1 against docker@28.2.0', cell(prove, 1)],
        [`lift a program of ${program.length} instructions`, cell(lifted, 1)],
      ],
      goals: [
        { what: 'prove two Docker defaults', measured: prove.median, most: 50, unit: 'ms' },
        { what: 'lift 1,000 instructions', measured: lifted.median, most: 50, unit: 'ms' },
      ],
    },
    grown,
    decode,
  ];
}

const TARGETS = [1, 10, 100, 1000];

/** Every call of x86_64 in more and more containers: releases of Docker with each runtime, then of Podman. */
async function matrixTimes(): Promise<Table> {
  const contexts: Context[] = [];
  for (const engine of [...(await engineWords('docker@*')), ...(await engineWords('podman@*'))])
    for (const runtime of ['runc', 'crun'])
      for (const kernel of ['5.10', '6.12'])
        contexts.push((await resolveContext({ engine, runtime, kernel, arch: 'x86_64' })).context);
  const calls = syscallsOf('x86_64').map(({ name, number }) => ({
    name,
    number,
    abi: 'x86_64' as const,
    args: Array.from({ length: 6 }, () => undefined),
  }));
  const measure = async (count: number) => {
    const before = process.memoryUsage().heapUsed;
    const started = performance.now();
    let rows = 0;
    let most = before;
    for await (const row of matrix(contexts.slice(0, count), () => calls)) {
      rows += row.length;
      most = Math.max(most, process.memoryUsage().heapUsed);
    }
    return { milliseconds: performance.now() - started, rows, memory: (most - before) / 2 ** 20 };
  };
  const rows: Row[] = [];
  for (const count of TARGETS.filter((one) => one <= contexts.length)) {
    const { milliseconds, rows: answers, memory } = await measure(count);
    rows.push([String(count), String(answers), milliseconds.toFixed(0), memory.toFixed(0)]);
  }
  const releases = 424;
  const { milliseconds, rows: answers } = await measure(releases);
  rows.push([`${releases} (212 × 2)`, String(answers), milliseconds.toFixed(0), '']);
  const perAnswer = milliseconds / answers;
  return {
    title: 'A matrix of every call in many containers',
    columns: ['containers', 'answers', 'ms', 'MiB more of heap'],
    rows,
    remark: `All ${calls.length} calls of x86_64; releases of Docker and Podman, two runtimes, two kernels. From what one answer costs, 500 calls × 212 releases × 2 runtimes take ${((perAnswer * 500 * releases) / 1000).toFixed(1)} s.`,
    goals: [
      {
        what: '`matrix`: 500 calls × 212 releases × 2 runtimes',
        measured: (perAnswer * 500 * releases) / 1000,
        most: 5,
        unit: 's',
      },
    ],
  };
}

interface DecodeRow {
  readonly log: string;
  readonly to: string;
  readonly linesPerSecond: number;
}

/** bench/decode.ts in a process of its own, so that its garbage is nobody else's. */
function decodeRates(): Table {
  const out = execFileSync('node', ['scripts/run.mjs', 'bench/decode.ts', '--json']).toString();
  const rows = JSON.parse(out) as readonly DecodeRow[];
  const goals: readonly Goal[] = rows.map(({ log, to, linesPerSecond }) => ({
    what: `decode to ${to}, ${log}`,
    measured: linesPerSecond / 1000,
    least: 300,
    unit: 'thousand lines/s',
  }));
  return {
    title: 'Decoding logs',
    columns: ['', 'to', 'lines a second'],
    rows: rows.map(({ log, to, linesPerSecond }): Row => [log, to, String(linesPerSecond)]),
    remark: 'On one core, by processor time, the best of five.',
    goals,
  };
}

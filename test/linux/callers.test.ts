import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../src/bpf/compile.js';
import { spawn } from '../../src/linux/spawn.js';
import type { Denial } from '../../src/linux/supervisor/denial.js';
import { test as compare, leaf } from '../../src/policy/decision.js';
import type { Decision } from '../../src/policy/policy.js';
import { section } from '../../src/policy/transform.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { PATIENCE } from '../patience.js';
import { buildWorker } from './build.js';
import { X86_64 } from './filters.js';

const lacks =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? 'Linux on x86_64, whose numbers the filter has'
    : hasCommand('gcc')
      ? undefined
      : 'gcc, to compile the witness';

const directory = mkdtempSync(join(tmpdir(), 'callgate-callers-'));
const witness = join(directory, 'witness');
beforeAll(async () => {
  if (lacks !== undefined) return;
  await buildWorker();
  const source = fileURLToPath(new URL('../scenarios/programs/witness.c', import.meta.url));
  execFileSync('gcc', ['-O1', '-static', '-pthread', '-o', witness, source]);
});
afterAll(() => rmSync(directory, { recursive: true }));

const SCHED_GET_PRIORITY_MAX = 146;
const LAST = 0xffffffff;
const BASE = 1000;

/** Task i asks with BASE + i and must be answered with this errno, so that an answer for another one shows. */
function errnoOfOnesOwn(tasks: number): Decision {
  let decision: Decision = leaf({ kind: 'allow' });
  for (let i = 0; i < tasks; i++)
    decision = compare({
      word: 0,
      mask: LAST,
      op: 'eq',
      value: BASE + i,
      then: leaf({ kind: 'errno', errno: BASE + i }),
      else: decision,
    });
  return decision;
}

const allow = leaf({ kind: 'allow' });
const filterFor = (tasks: number) =>
  compile({
    sections: [
      section(X86_64, [
        { from: 0, to: SCHED_GET_PRIORITY_MAX - 1, decision: allow },
        { from: SCHED_GET_PRIORITY_MAX, to: SCHED_GET_PRIORITY_MAX, decision: errnoOfOnesOwn(tasks) },
        { from: SCHED_GET_PRIORITY_MAX + 1, to: LAST, decision: allow },
      ]),
    ],
    otherArch: { kind: 'allow' },
  });

describeWithOracle(lacks, 'every caller gets the answer to its own call', () => {
  test.each<readonly [name: string, args: readonly string[], tasks: number, calls: number]>([
    ['24 threads', ['threads', '24', '200'], 24, 4800],
    ['1,000 processes that are there at once', ['processes', '1000', '3'], 1000, 3000],
    ['a fork bomb of 500', ['processes', '500', '4'], 500, 2000],
  ])('%s', { timeout: 120_000 * PATIENCE }, async (_, args, tasks, calls) => {
    const denials = new Map<string, Denial>();
    const { code, out } = await run(args, tasks, (denial) => denials.set(String(denial.args[0]), denial));
    expect({ code, out }).toEqual({ code: 0, out: `0 wrong of ${args[0] === 'threads' ? calls : tasks}\n` });
    expect(denials.size).toBe(tasks);
    let counted = 0;
    for (const denial of denials.values()) {
      counted += denial.count;
      expect(BigInt(denial.errno)).toBe(denial.args[0]);
    }
    expect(counted).toBe(calls);
  });

  test('commands that are killed while their calls wait for an answer', {
    timeout: 120_000 * PATIENCE,
  }, async () => {
    expect(await run(['killed', '300'], 2, () => {})).toEqual({ code: 0, out: '0 wrong of 300\n' });
  });
});

async function run(args: readonly string[], tasks: number, onDenial: (denial: Denial) => void) {
  const child = spawn(witness, args, {
    filter: filterFor(tasks),
    onDenial,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout?.on('data', (text) => {
    out += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out };
}

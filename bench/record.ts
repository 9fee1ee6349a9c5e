// What recording costs: wall time and processor time (of all processes together) of programs, plain = 1, beside a
// supervisor in C that only lets every call go on, and strace and perf, which take minutes and have one round. Needs gcc. Rounds interleaved, medians. Where other work competes for the
// processors, processor time tells more. What recording takes in any case is told by a command that does nothing.
// node scripts/run.mjs bench/record.ts [ROUNDS [PROGRAM…]], a program by the beginning of its name
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordCommand } from '../src/linux/index.js';

const FILES = 30_000;
const [chosenRounds, ...chosen] = process.argv.slice(2);
const rounds = Number(chosenRounds ?? 5);
const directory = mkdtempSync(join(tmpdir(), 'callgate-bench-'));
const tree = join(directory, 'tree');
for (let index = 0; index < FILES; index++) {
  const parent = join(tree, String(index % 100));
  if (index < 100) mkdirSync(parent, { recursive: true });
  writeFileSync(join(parent, `${index}.txt`), `file ${index}\n`);
}

const programs: readonly (readonly [string, readonly string[]])[] = [
  ['find /usr', ['find', '/usr']],
  ['/bin/true', ['/bin/true']],
  ['tar of 30,000 files', ['tar', 'cf', join(directory, 'tree.tar'), tree]],
  ['node start', [process.execPath, '-e', '0']],
  ['300 forks of a shell', ['sh', '-c', 'i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done']],
];

/** Runs a command without its output; false when it cannot be. */
async function plainly(line: readonly string[]): Promise<boolean> {
  const child = spawn(line[0] ?? '', line.slice(1), { stdio: 'ignore' });
  try {
    await once(child, 'exit');
    return true;
  } catch {
    return false;
  }
}

function recording(recorder: 'user-notification' | 'ebpf') {
  return async ([command = '', ...args]: readonly string[]): Promise<boolean> => {
    try {
      await recordCommand(command, args, { recorder, stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
}

const supervisor = join(directory, 'supervisor');
execFileSync('gcc', ['-O2', '-o', supervisor, 'bench/supervisor.c']);
const log = join(directory, 'log');
const ways: readonly (readonly [
  name: string,
  run: (line: readonly string[]) => Promise<boolean>,
  rounds: number,
])[] = [
  ['plain', plainly, rounds],
  ['callgate, eBPF', recording('ebpf'), rounds],
  ['callgate, user notification', recording('user-notification'), rounds],
  ['C, user notification', (line) => plainly([supervisor, ...line]), rounds],
  ['strace -f -o', (line) => plainly(['strace', '-f', '-o', log, ...line]), 1],
  ['perf trace -o', (line) => plainly(['perf', 'trace', '-o', log, ...line]), 1],
];

/** Milliseconds. */
const TICK = 10;

/** Milliseconds of processor time that this process and its ended children have used. */
function processorTime(): number {
  // proc_pid_stat(5): utime, stime, cutime, cstime are the fields 12 to 15 after the name, in ticks.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + TICK * Number(field), 0);
}

interface Cost {
  readonly wall: number;
  readonly processor: number;
}

const median = (costs: readonly Cost[], kind: keyof Cost): number =>
  costs.map((cost) => cost[kind]).sort((a, b) => a - b)[costs.length >> 1] ?? Number.NaN;

const rows: string[] = [];
for (const [name, line] of programs) {
  if (chosen.length > 0 && !chosen.some((word) => name.startsWith(word))) continue;
  const costs = ways.map((): Cost[] => []);
  // The first round fills caches.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, [, run, most]] of ways.entries()) {
      if (round > most || (round === 0 && most < rounds)) continue;
      const started = performance.now();
      const used = processorTime();
      const ran = await run(line);
      const cost = { wall: performance.now() - started, processor: processorTime() - used };
      if (ran && round > 0) costs[index]?.push(cost);
    }
  }
  const [plain = []] = costs;
  for (const kind of ['wall', 'processor'] as const) {
    const whole = median(plain, kind);
    // It is told in ticks.
    if (kind === 'processor' && whole < 10 * TICK) continue;
    const cells = costs
      .slice(1)
      .map((some) => (some.length === 0 ? '—' : (median(some, kind) / whole).toFixed(2)));
    rows.push(`| ${name}, ${kind} | ${whole.toFixed(whole < 10 ? 2 : 0)} ms | ${cells.join(' | ')} |`);
  }
}
rmSync(directory, { recursive: true });
console.info(`| | ${ways.map(([name]) => name).join(' | ')} |\n|---|${ways.map(() => '---:|').join('')}`);
console.info(rows.join('\n'));

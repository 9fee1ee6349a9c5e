// All measurements, with the peers in the same run: `npm run bench` writes docs/benchmarks.md.
// Needs gcc; measures libseccomp, bubblewrap, firejail, strace, perf, runc, crun and docker where they are installed.
import { rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { analysisTables } from './analysis.js';
import { deniedTable } from './denied.js';
import { filterTables } from './filters.js';
import { growthTable } from './growth.js';
import { type Goal, isReached, markdown, scratch, type Table } from './measure.js';
import { reportTable } from './report.js';
import { spawnTable } from './spawn.js';
import { startTables } from './starts.js';
import { recordingTable, watchTable } from './tools.js';

/** What was aimed at and what came out, worst first to read: the goals that are not reached say why. */
function goalsText(tables: readonly Table[]): string {
  const goals = tables
    .flatMap((table) => table.goals ?? [])
    .filter(({ measured }) => !Number.isNaN(measured));
  const missed = goals.filter((goal) => !isReached(goal));
  const table = markdown({
    title: 'Goals',
    columns: ['', 'goal', 'measured', ''],
    rows: goals.map((goal) => [
      goal.what,
      aim(goal),
      figure(goal.measured, goal.unit),
      isReached(goal) ? '✓' : '✗',
    ]),
    remark: `${goals.length - missed.length} of ${goals.length} are reached in this run.`,
  });
  const reasons = missed.map(
    (goal) =>
      `- ${goal.what}: ${figure(goal.measured, goal.unit)}, aimed at ${aim(goal)}${goal.because === undefined ? '' : `; ${goal.because}`}.`,
  );
  return missed.length === 0 ? table : `${table}\n## What is not reached\n\n${reasons.join('\n')}\n`;
}

function aim({ most, least, unit }: Goal): string {
  return most === undefined ? `≥ ${figure(least ?? 0, unit)}` : `≤ ${figure(most, unit)}`;
}

function figure(value: number, unit: string): string {
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`.trim();
}

try {
  const started = performance.now();
  const load = loadavg()[0] ?? 0;
  const tables: Table[] = [];
  for (const measure of [
    filterTables,
    startTables,
    async () => [await spawnTable(), deniedTable()],
    analysisTables,
    async () => [growthTable(), await reportTable(), recordingTable(), watchTable()],
  ]) {
    for (const table of await measure()) if (table !== undefined) tables.push(table);
    process.stderr.write(
      `${tables.length} tables after ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
    );
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Linux ${release()}, Node.js ${process.versions.node}`;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const text = [
    '# Benchmarks',
    '',
    `\`npm run bench\` on ${machine}, ${new Date().toISOString().slice(0, 10)}, in ${seconds} s; the load of the machine was ${load.toFixed(1)} when it began. Compare figures within one run only.`,
    '',
    goalsText(tables),
    ...tables.map(markdown),
  ].join('\n');
  writeFileSync('docs/benchmarks.md', text);
  process.stdout.write(text);
} finally {
  rmSync(scratch, { recursive: true });
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Timing {
  readonly median: number;
  readonly least: number;
  /** MiB that a command had in memory at most, where that was measured. */
  readonly memory?: number;
}

/** Milliseconds that a run takes when warm. */
export function timed(body: () => unknown, runs = 100): Timing {
  for (let run = 0; run < runs; run++) body();
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    body();
    return performance.now() - started;
  }).sort((a, b) => a - b);
  return { median: times[runs >> 1] ?? Number.NaN, least: times[0] ?? Number.NaN };
}

/** Something that was aimed at: a figure that must not be more (or less) than another. */
export interface Goal {
  readonly what: string;
  readonly measured: number;
  readonly most?: number;
  readonly least?: number;
  readonly unit: string;
  /** Why it is not reached, for the case that it is not. */
  readonly because?: string;
}

/** Whether a goal is reached. */
export function isReached({ measured, most, least }: Goal): boolean {
  return !(measured > (most ?? measured) || measured < (least ?? measured));
}

/** One line of a table: what was measured, then a cell for each column. */
export type Row = readonly [name: string, ...cells: readonly string[]];

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly remark?: string;
  readonly goals?: readonly Goal[];
}

export function markdown({ title, columns, rows, remark }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const body = [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
  return `## ${title}\n\n${remark === undefined ? '' : `${remark}\n\n`}${body}\n`;
}

/** A directory for what the measurements write. */
export const scratch = mkdtempSync(join(tmpdir(), 'callgate-bench-'));

let compiled: string | undefined;

/** bench/probe.c, compiled. @throws without a compiler */
export function probePath(): string {
  if (compiled === undefined) {
    const file = join(scratch, 'probe');
    execFileSync('gcc', ['-O2', '-o', file, join(process.cwd(), 'bench/probe.c')]);
    compiled = file;
  }
  return compiled;
}

function timingOf(out: string): Timing {
  const line = out.trim().split('\n').at(-1) ?? '';
  const [median = Number.NaN, least = Number.NaN, memory] = line.split(' ').map(Number);
  return memory === undefined ? { median, least } : { median, least, memory };
}

/** bench/probe.c's output: the median and the least. Undefined when it failed or there is no compiler. */
export function probe(...words: readonly string[]): Timing | undefined {
  return output(probePath(), ...words);
}

/** All lines of figures that bench/probe.c prints; none when it failed or there is no compiler. */
export function probeLines(...words: readonly string[]): readonly (readonly number[])[] {
  try {
    const out = execFileSync(probePath(), words, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    return out
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
  } catch {
    return [];
  }
}

/** The same of a command that ends with running the probe. */
export function output(command: string, ...words: readonly string[]): Timing | undefined {
  try {
    const out = execFileSync(command, words, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    return timingOf(out);
  } catch {
    return undefined;
  }
}

/** `median (least)` with a unit's digits. */
export function cell(timing: Timing | undefined, digits: number): string {
  return timing === undefined ? '–' : `${timing.median.toFixed(digits)} (${timing.least.toFixed(digits)})`;
}

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { LAB } from './debian.js';

/** What was done with one combination of programs. */
export interface ReportRow {
  readonly what: string;
  /** Filters in force that were proved equal to the prediction. */
  readonly equal: number;
  /** Configurations that were refused, as predicted and in the predicted words. */
  readonly refused: number;
  /** Calls really made under such a filter, or whose verdict the kernel gave. */
  readonly probes: number;
  readonly mismatches: number;
  /** Why it could not be run, or what else is to be known. */
  readonly note: string;
}

const RESULTS = join(LAB, 'results');

export function clearReport(): void {
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });
}

/** Keeps a test file's rows for the table that is printed when all have ended. */
export function keepRows(file: string, rows: readonly ReportRow[]): void {
  writeFileSync(join(RESULTS, `${file}.json`), JSON.stringify(rows));
}

export function printReport(): void {
  const files = readdirSync(RESULTS).sort();
  const rows = files.flatMap((file) => JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as ReportRow[]);
  const table = new Table({
    head: ['combination', 'equal', 'refused', 'probes', 'mismatches', 'note'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    colWidths: [null, null, null, null, null, 60],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const { what, equal, refused, probes, mismatches, note } of rows)
    table.push([what, equal, refused, probes, mismatches, note]);
  const sum = (pick: (row: ReportRow) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  table.push([
    `all ${rows.length}`,
    sum((row) => row.equal),
    sum((row) => row.refused),
    sum((row) => row.probes),
    sum((row) => row.mismatches),
    '',
  ]);
  console.info(`\n${table.toString()}\n`);
}

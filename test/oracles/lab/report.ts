import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  const total = (pick: (row: ReportRow) => number): number => rows.reduce((sum, row) => sum + pick(row), 0);
  const sum: ReportRow = {
    what: 'all',
    equal: total((row) => row.equal),
    refused: total((row) => row.refused),
    probes: total((row) => row.probes),
    mismatches: total((row) => row.mismatches),
    note: `${rows.length} rows`,
  };
  const cells = [...rows, sum].map(({ what, equal, refused, probes, mismatches, note }) =>
    [what, equal, refused, probes, mismatches, note].map(String),
  );
  console.info(
    `\n${columns([['combination', 'equal', 'refused', 'probes', 'mismatches', 'note'], ...cells])}\n`,
  );
}

/** Words to the left, numbers to the right. */
function columns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, at) => {
          const width = widths[at] ?? 0;
          return at > 0 && at < 5 ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

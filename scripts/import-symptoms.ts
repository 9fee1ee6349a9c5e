// Error messages of public threads and the calls behind them → data/symptoms.json.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CataloguedSymptom } from '../src/explain/symptoms/catalogue.js';
import { writeFacts } from './reviewable.js';
import { directories } from './snapshot.js';

/** One line of the snapshot's symptoms.jsonl. */
export interface RawSymptom {
  readonly message: string;
  readonly program: string;
  readonly cause_syscall: string;
  readonly syscalls: readonly string[];
  readonly errno: string;
  readonly conditions: string;
  readonly fix: string;
  /** `owner/repo#N` of a public thread. */
  readonly source: string;
  /** `program output`: the program's own message; `described`: in own words. */
  readonly messageKind: string;
  /** `stated`: the thread names the call; `likely`: it follows from versions. */
  readonly cause: string;
}

const plain = (calls: readonly string[]): ReadonlySet<string> =>
  new Set([calls.join(', '), calls.join(' or '), calls.join(' and ')]);

export function toStored(raw: RawSymptom): CataloguedSymptom {
  const { message, program, syscalls, errno, conditions, fix, source } = raw;
  return {
    message,
    program,
    calls: syscalls,
    ...(plain(syscalls).has(raw.cause_syscall) ? {} : { cause: raw.cause_syscall }),
    errno,
    conditions,
    fix,
    source,
    ...(raw.messageKind === 'described' ? { described: true } : {}),
    ...(raw.cause === 'likely' ? { likely: true } : {}),
  };
}

export async function importSymptoms(snapshot: string, data: string): Promise<void> {
  const text = await readFile(join(snapshot, 'symptoms.jsonl'), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => toStored(JSON.parse(line) as RawSymptom));
  await writeFacts(data, 'symptoms.json', {
    origin: 'public issue threads, each named by its source; descriptions, conditions and fixes in own words',
    symptoms: rows,
  });
}

if (process.argv[1]?.endsWith('import-symptoms.ts')) {
  const { snapshot, data } = directories(process.argv);
  await importSymptoms(snapshot, data);
}

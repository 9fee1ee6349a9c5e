import { expect, it } from 'vitest';
import data from '../../data/record-additions.json' with { type: 'json' };
import { syscallNames } from '../../src/syscalls/libseccomp.js';

interface Row {
  readonly calls: readonly string[];
  readonly of?: readonly string[];
  readonly reason: string;
  readonly source: string;
}

it('every added call is one, and says why and where that is written', () => {
  const known = new Set<string>(syscallNames);
  const rows: readonly Row[] = [...data.always, ...data.companions, ...data.siblings];
  for (const row of rows) {
    expect([...row.calls, ...(row.of ?? [])].filter((name) => !known.has(name))).toEqual([]);
    expect(row.reason.length * row.source.length).toBeGreaterThan(0);
  }
  // A group of one says nothing; what is always added has no condition.
  for (const row of data.siblings) expect('of' in row || row.calls.length > 1).toBe(true);
  for (const row of data.companions) expect(row.of.length).toBeGreaterThan(0);
});

import type { RawTables } from './raw.js';

/** Numbers, one column per table: without the x32 bit and the MIPS bases, which abis.json holds. */
export function importNumbers(raw: RawTables): object {
  const numbers: Record<string, (number | null)[]> = {};
  for (const [name, syscall] of Object.entries(raw.syscalls)) {
    numbers[name] = raw.arches.map((table) => syscall.nr[table] ?? null);
  }
  return {
    origin: [
      'seccomp/libseccomp v2.0.0 to v2.6.1 (src/syscalls.csv and its predecessors)',
      `compared with the tables of Linux ${raw.kernelTablesChecked}`,
    ],
    tables: raw.arches,
    numbers,
  };
}

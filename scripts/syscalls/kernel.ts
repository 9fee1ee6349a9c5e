import type { RawTables } from './raw.js';

/**
 * Kernel releases. A plain version under a table is observed in table histories, `~` marks one that is taken from
 * the call's general release, `<` an upper bound. Tables that are not named have the general release.
 */
export function importKernel(raw: RawTables): object {
  const since: Record<string, Record<string, string>> = {};
  const removed: Record<string, string> = {};
  for (const [name, syscall] of Object.entries(raw.syscalls)) {
    if (syscall.removed !== undefined) removed[name] = syscall.removed;
    if (syscall.since === undefined) continue;
    const row: Record<string, string> = { since: syscall.since };
    for (const [table, version] of Object.entries(syscall.kernel ?? {})) {
      if (syscall.kernelAtMost?.includes(table)) row[table] = `<${version}`;
      else if (syscall.kernelObserved?.includes(table)) row[table] = version;
      else if (version !== syscall.since) row[table] = `~${version}`;
    }
    since[name] = row;
  }
  return {
    origin: [
      'syscalls(2) of man-pages 6.20 (general release)',
      'bminor/glibc syscall lists 5.4 to 6.17 and hrw/syscalls-table 4.9 to 7.2 (observed per table)',
      'Linux 7.2 syscall tables',
    ],
    removed,
    since,
  };
}

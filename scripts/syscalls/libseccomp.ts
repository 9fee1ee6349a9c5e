import { compareVersions } from '../../src/versions.js';
import type { RawTables } from './raw.js';

/**
 * Releases whose table differs from upstream's of the same number, as measured with
 * seccomp_syscall_resolve_name_arch of the package itself over all names and ABIs.
 */
const DISTRIBUTION_RELEASES = [
  {
    version: '2.5.1-1+deb11u1',
    tables: '2.5.3',
    origin:
      'Debian 11 package libseccomp2 2.5.1-1+deb11u1, measured (but for o32 of mips, where sockets and ipc are direct)',
  },
  {
    version: '2.5.4-1+deb12u1',
    tables: '2.5.5',
    origin: 'Debian 12 package libseccomp2 2.5.4-1+deb12u1, measured',
  },
];

/**
 * Which calls libseccomp adds through socketcall and ipc besides their direct number, up to that call number; the newest
 * row of a table counts. Read from the rule_add functions, and confirmed with filters that libraries built from each tag
 * export. `pseudo`: names of that family, or that name, resolve to their negative pseudo number even where a direct one
 * exists; read from the resolve_name functions and confirmed in the same way.
 */
const MULTIPLEXING = [
  { tables: ['x86'], since: '2.0.0', socketcall: 17, ipc: 11, pseudo: [], origin: 'v2.0.0 src/arch-i386.c' },
  {
    tables: ['x86', 's390', 's390x'],
    since: '2.3.1',
    socketcall: 20,
    ipc: 24,
    pseudo: ['socketcall'],
    origin: 'v2.3.1 src/arch-{x86,s390,s390x}.c, src/arch-{x86,s390,s390x}-syscalls.c',
  },
  {
    tables: ['x86'],
    since: '2.4.2',
    socketcall: 20,
    ipc: 24,
    pseudo: ['socketcall', 'ipc'],
    origin: 'v2.4.2 src/arch-x86-syscalls.c',
  },
  {
    tables: ['s390', 's390x'],
    since: '2.4.3',
    socketcall: 20,
    ipc: 24,
    pseudo: ['socketcall', 'shmat', 'shmdt', 'shmget', 'shmctl'],
    origin: 'v2.4.3 src/arch-{s390,s390x}-syscalls.c',
  },
  {
    tables: ['s390', 's390x', 'ppc64'],
    since: '2.5.0',
    socketcall: 20,
    ipc: 24,
    pseudo: ['socketcall', 'ipc'],
    origin: 'v2.5.0 src/arch-{s390,s390x,ppc64}.c',
  },
  {
    tables: ['ppc', 'mips'],
    since: '2.5.2',
    socketcall: 20,
    ipc: 24,
    pseudo: ['socketcall', 'ipc'],
    origin: 'v2.5.2 src/syscalls.c',
  },
  {
    tables: ['m68k', 'sh'],
    since: '2.6.0',
    socketcall: 20,
    ipc: 24,
    pseudo: ['socketcall', 'ipc'],
    origin: 'v2.6.0 src/syscalls.c',
  },
];

/** A release that gives numbers of a table without the ABI's base. */
const BASE_MISSING = [
  { table: 'mips', release: '2.5.2', origin: 'seccomp/libseccomp 049b648 (restored in v2.5.3)' },
];

/** MIPS in v2.5.0 adds the base to the negative pseudo numbers of multiplexed calls too, which makes them positive. */
const PSEUDO_WITH_BASE = [
  {
    tables: ['mips', 'mips64', 'mips64n32'],
    release: '2.5.0',
    origin: 'v2.5.0 src/arch-mips*.c (*_syscall_resolve_name_munge), measured',
  },
];

/**
 * What the snapshot does not say of numbers that came, went and came again: measured with the libraries built from each tag.
 * A row is added to the history of every number of `table` that changed in release `at`.
 */
const REAPPEARED: readonly {
  readonly table: string;
  readonly at: string;
  readonly row: readonly [string, null];
}[] = [
  { table: 'aarch64', at: '2.4.2', row: ['2.4.4', null] },
  { table: 'parisc64', at: '2.5.0', row: ['2.4.4', null] },
];

function numberHistory(
  table: string,
  fixes: readonly (readonly [string, number | null, number | null])[],
): (string | number | null)[][] {
  const rows = fixes.map(([version, old]) => [version, old]);
  for (const { table: where, at, row } of REAPPEARED) {
    if (where === table && fixes.some(([version]) => version === at)) rows.push([...row]);
  }
  return rows.sort(([a], [b]) => compareVersions(`${a}`, `${b}`));
}

export function importLibseccomp(raw: RawTables): object {
  const names: Record<string, string[]> = {};
  const removed: Record<string, string> = {};
  const numberSince: Record<string, Readonly<Record<string, string>>> = {};
  const numberBefore: Record<string, Record<string, (string | number | null)[][]>> = {};
  for (const [name, syscall] of Object.entries(raw.syscalls)) {
    const list = names[syscall.libseccomp] ?? [];
    names[syscall.libseccomp] = [...list, name];
    if (syscall.libseccompRemoved !== undefined) removed[name] = syscall.libseccompRemoved;
    if (syscall.libseccompArch !== undefined) numberSince[name] = syscall.libseccompArch;
    for (const [table, fixes] of Object.entries(syscall.libseccompFix ?? {})) {
      const rows = numberBefore[name] ?? {};
      rows[table] = numberHistory(table, fixes);
      numberBefore[name] = rows;
    }
  }
  const ordered = Object.entries(names).sort(([a], [b]) => compareVersions(a, b));
  return {
    origin: 'seccomp/libseccomp, every tag from v2.0.0 to v2.6.1',
    releases: raw.libseccompReleases.map(({ version, date, basedOn }) => ({
      version,
      date,
      basedOn: basedOn.join(', '),
    })),
    distributionReleases: DISTRIBUTION_RELEASES,
    tableSince: raw.archFirst,
    multiplexing: MULTIPLEXING,
    baseMissing: BASE_MISSING,
    pseudoWithBase: PSEUDO_WITH_BASE,
    namesSince: Object.fromEntries(ordered),
    removed,
    numberSince,
    numberBefore,
  };
}

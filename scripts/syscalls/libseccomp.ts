import { compareVersions } from '../../src/versions.js';
import type { RawTables } from './raw.js';

/**
 * Releases whose table differs from upstream's of the same number, as measured with
 * seccomp_syscall_resolve_name_arch of the package itself over all names and ABIs.
 */
const DISTRIBUTION_RELEASES = [
  {
    version: '2.5.4-1+deb12u1',
    tables: '2.5.5',
    origin: 'Debian 12 package libseccomp2 2.5.4-1+deb12u1, measured',
  },
];

/**
 * Which calls libseccomp adds through socketcall and ipc besides their direct number, up to that call number, read from
 * the rule_add functions at each tag; the newest row of a table counts. `pseudo`: names of that family resolve to their
 * negative pseudo number even where a direct one exists, read from the resolve_name functions.
 */
const MULTIPLEXING = [
  { tables: ['x86'], since: '2.0.0', socketcall: 17, ipc: 11, pseudo: [], origin: 'v2.0.0 src/arch-i386.c' },
  { tables: ['x86'], since: '2.3.0', socketcall: 18, ipc: 11, pseudo: [], origin: 'v2.3.0 src/arch-x86.c' },
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
      rows[table] = fixes.map(([version, old]) => [version, old]);
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
    namesSince: Object.fromEntries(ordered),
    removed,
    numberSince,
    numberBefore,
  };
}

import json from '../../data/syscalls/abis.json' with { type: 'json' };
import type { AbiName } from './abi.js';

/** What the kernel, libseccomp and the engines call one ABI. */
export interface Abi {
  readonly name: AbiName;
  /** The number table it shares with its other byte order. */
  readonly table: string;
  /** `SCMP_ARCH_*` of the OCI runtime spec. */
  readonly scmp: string;
  /** AUDIT_ARCH_* as the kernel puts it into seccomp_data.arch, unsigned. */
  readonly auditArch: number;
  /** Added to a table's number to get seccomp_data.nr: the x32 bit, the MIPS bases, else 0. */
  readonly numberBase: number;
  readonly bits: 32 | 64;
  readonly endian: 'little' | 'big';
  readonly goarch: string | undefined;
  /** What `uname -m` says; MIPS does not tell its byte order. */
  readonly unameM: readonly string[];
  /** The word of `includes.arches` in Docker's profile layout. */
  readonly dockerWord: string | undefined;
  /** The kernel has socketcall(2), ipc(2) on this ABI. */
  readonly socketcall: boolean;
  readonly ipc: boolean;
  readonly libseccompSince: string;
}

export const abis: readonly Abi[] = json.abis.map(
  (row): Abi => ({
    ...row,
    name: row.name as AbiName,
    bits: row.bits === 64 ? 64 : 32,
    endian: row.endian === 'big' ? 'big' : 'little',
    goarch: row.goarch,
    dockerWord: row.dockerWord,
  }),
);

const byName = new Map(abis.map((row) => [row.name, row]));

export function abi(name: AbiName): Abi {
  const row = byName.get(name);
  if (row === undefined) throw new RangeError(`no such ABI: ${name}`);
  return row;
}

/** dpkg's and other common words that neither Go, uname nor libseccomp uses. */
const OTHER_WORDS: Readonly<Record<string, AbiName>> = {
  'x86-64': 'x86_64',
  x64: 'x86_64',
  ia32: 'x86',
  armhf: 'arm',
  armel: 'arm',
  armv5l: 'arm',
  ppc64el: 'ppc64le',
  powerpc: 'ppc',
  powerpc64: 'ppc64',
  powerpc64le: 'ppc64le',
  loong64: 'loongarch64',
  mips64el: 'mipsel64',
};

const byWord = new Map<string, AbiName>(Object.entries(OTHER_WORDS));
// The first ABI with a word keeps it: uname's x86_64 is not x32, its mips is the big-endian o32.
for (const words of [
  (row: Abi) => row.unameM,
  (row: Abi) => [row.goarch, row.dockerWord],
  (row: Abi) => [row.name, row.scmp.toLowerCase()],
]) {
  const seen = new Set<string>();
  for (const row of abis) {
    for (const word of words(row)) {
      if (word === undefined || seen.has(word)) continue;
      seen.add(word);
      byWord.set(word, row.name);
    }
  }
}

/**
 * The ABI that a word means: Go's, uname's, dpkg's, libseccomp's and the OCI spec's words, and platforms such as
 * `linux/arm64/v8`. Case does not matter.
 */
export function findAbi(word: string): AbiName | undefined {
  const parts = word.trim().toLowerCase().split('/');
  const arch = parts[0] === 'linux' ? parts[1] : parts.length === 1 ? parts[0] : undefined;
  return arch === undefined ? undefined : byWord.get(arch);
}

const X32_BIT = 0x40000000;

/** The ABI of a call as a filter sees it: x32 has the audit arch of x86_64 and bit 30 in the number. */
export function abiOfCall(auditArch: number, number: number): AbiName | undefined {
  const row = abis.find((candidate) => candidate.auditArch === auditArch >>> 0);
  if (row?.name !== 'x86_64') return row?.name;
  const nr = number >>> 0;
  // -1 is how a tracer skips a call; the kernel and libseccomp count it as native.
  return (nr & X32_BIT) !== 0 && nr !== 0xffffffff ? 'x32' : 'x86_64';
}

/** ABIs that the default profiles of Docker add to a native one. */
export const subAbisDocker: ReadonlyMap<AbiName, readonly AbiName[]> = new Map(
  Object.entries(json.subAbisDocker).map(([native, subs]) => [known(native), subs.map(known)]),
);

/** Architectures that audit records name and libseccomp does not know. */
export const auditOnly: readonly { readonly name: string; readonly auditArch: number }[] = json.auditOnly;

function known(word: string): AbiName {
  const name = findAbi(word);
  if (name === undefined) throw new RangeError(`no such ABI: ${word}`);
  return name;
}

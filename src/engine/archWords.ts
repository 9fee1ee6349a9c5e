import type { AbiName } from '../syscalls/abi.js';
import { abi } from '../syscalls/abis.js';
import { behaves } from './behaviours.js';
import type { EngineName } from './context.js';

/** How an engine calls the host's architecture in `includes.arches`, and which `archMap` entry it takes. */
export interface HostArch {
  /** Empty when the engine has no word for it: then no `arches` list ever matches. */
  readonly word: string;
  /** `SCMP_ARCH_*` of the entry; undefined: `archMap` is never matched. */
  readonly mapEntry: string | undefined;
}

/** moby's goToNative, by ABI; big-endian o32 MIPS, m68k, parisc and sh are not in it. The spelling of mips3l64n32 is theirs. */
const MOBY_WORDS: Partial<Readonly<Record<AbiName, string>>> = {
  x86_64: 'amd64',
  x86: 'x86',
  arm: 'arm',
  aarch64: 'arm64',
  mips64: 'mips64',
  mips64n32: 'mips64n32',
  mipsel: 'mipsel',
  mipsel64: 'mipsel64',
  mipsel64n32: 'mips3l64n32',
  ppc: 'ppc',
  ppc64: 'ppc64',
  ppc64le: 'ppc64le',
  s390: 's390',
  s390x: 's390x',
};

/** Words that moby's nativeToSeccomp knows; it says `mipsle` where goToNative says `mipsel`, so that one never meets. */
const MOBY_MAPPED: ReadonlySet<string> = new Set([
  'x86',
  'amd64',
  'arm',
  'arm64',
  'mips64',
  'mips64n32',
  'mipsel64',
  'mips3l64n32',
  'ppc',
  'ppc64',
  'ppc64le',
  's390',
  's390x',
]);

/** nativeToSeccomp before moby 20.10 and in containers/common to this day. */
const LIBSECCOMP_MAPPED: ReadonlySet<string> = new Set([
  'amd64',
  'arm64',
  'mips64',
  'mips64n32',
  'mipsel64',
  'mipsel64n32',
  's390x',
]);

export function hostArch(engine: EngineName, version: string, name: AbiName): HostArch {
  // An engine is a program of the native ABI; there is no x32 build of any.
  const native: AbiName = name === 'x32' ? 'x86_64' : name;
  const { scmp, dockerWord = '' } = abi(native);
  if (!behaves(engine, version, 'arch-words-of-go')) {
    const word = dockerWord;
    return { word, mapEntry: LIBSECCOMP_MAPPED.has(word) ? scmp : undefined };
  }
  if (native === 'riscv64') {
    return behaves(engine, version, 'arch-riscv64') ? { word: 'riscv64', mapEntry: scmp } : NOTHING;
  }
  if (native === 'loongarch64') {
    // goToNative says loongarch64, nativeToSeccomp loong64: the map's entry is never found.
    return behaves(engine, version, 'arch-loong64') ? { word: 'loongarch64', mapEntry: undefined } : NOTHING;
  }
  const word = MOBY_WORDS[native] ?? '';
  return { word, mapEntry: MOBY_MAPPED.has(word) ? scmp : undefined };
}

const NOTHING: HostArch = { word: '', mapEntry: undefined };

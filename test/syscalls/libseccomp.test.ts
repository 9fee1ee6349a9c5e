import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import type { AbiName } from '../../src/syscalls/abi.js';
import { abis } from '../../src/syscalls/abis.js';
import { syscallNames } from '../../src/syscalls/libseccomp.js';
import { libseccompReleases, resolvedNumber } from '../../src/syscalls/table.js';
import { describeWithOracle } from '../oracle.js';

/** What of koffi's interface this test uses. */
interface Koffi {
  readonly load: (path: string) => {
    readonly func: (prototype: string) => (...args: readonly unknown[]) => number;
  };
}

function load(): ((arch: number, name: string) => number) | undefined {
  try {
    const koffi: Koffi = createRequire(import.meta.url)('@koromix/koffi-linux-x64');
    return koffi
      .load('libseccomp.so.2')
      .func('int seccomp_syscall_resolve_name_arch(uint32_t arch, str name)');
  } catch {
    return undefined;
  }
}

/** The installed package if the data has its own row for it, else the upstream release. */
function installed(): string | undefined {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Version}', 'libseccomp2'], { encoding: 'utf8' });
  const version = query.status === 0 ? query.stdout.trim() : '';
  return [version, version.split('-')[0] ?? ''].find((candidate) => libseccompReleases.includes(candidate));
}

const resolve = load();
const release = installed();
const lacks =
  resolve === undefined || release === undefined ? 'libseccomp2 of a known release, and koffi' : undefined;

/** libseccomp's own token of x32; the kernel has none. */
const X32_TOKEN = 0x4000003e;

describeWithOracle(lacks, `the tables of the installed libseccomp (${release})`, () => {
  const known = abis.filter((row) => resolve?.(row.auditArch, 'read') !== -1);

  it('has the ABIs of the release', () => {
    expect(known.length).toBeGreaterThan(15);
    expect(known.map((row) => row.name)).toEqual(
      abis.flatMap(({ name }) => (resolvedNumber('read', name, release ?? '') === 'pseudo' ? [] : name)),
    );
  });

  it.each(known.map((row) => row.name))('resolves every name as the library does on %s', (name: AbiName) => {
    const token = name === 'x32' ? X32_TOKEN : (abis.find((row) => row.name === name)?.auditArch ?? 0);
    const differing = syscallNames.flatMap((call) => {
      const number = resolve?.(token, call) ?? 0;
      const expected = number === -1 ? undefined : number < 0 ? 'pseudo' : number;
      const predicted = resolvedNumber(call, name, release ?? '');
      return predicted === expected ? [] : [{ call, expected, predicted }];
    });
    expect(differing).toEqual([]);
  });
});

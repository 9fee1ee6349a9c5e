import { describe, expect, it } from 'vitest';
import type { AbiName } from '../../src/syscalls/abi.js';
import { abis } from '../../src/syscalls/abis.js';
import {
  isKnownName,
  kernelRemoved,
  kernelSince,
  libseccompReleases,
  multiplexed,
  nearestNames,
  resolvedNumber,
  syscallName,
  syscallNumber,
  syscallsOf,
} from '../../src/syscalls/table.js';
import { compareVersions } from '../../src/versions.js';

describe('syscallNumber', () => {
  const cases: readonly (readonly [string, AbiName, string | undefined, number | undefined])[] = [
    ['clone3', 'x86_64', undefined, 435],
    ['clone3', 'x86_64', '2.4.1', undefined],
    ['clone3', 'x86_64', '2.4.2', 435],
    ['clone3', 'aarch64', '2.4.2', undefined],
    ['clone3', 'aarch64', '2.4.4', 435],
    ['read', 'x32', undefined, 0x40000000],
    ['read', 'mips', undefined, 4003],
    ['read', 'mipsel', '2.5.3', 4003],
    ['read', 'mips', '2.5.2', 3],
    ['read', 'mipsel64', undefined, 5000],
    ['read', 'mips64n32', undefined, 6000],
    ['read', 'ppc64le', undefined, 3],
    ['read', 'loongarch64', '2.5.6', undefined],
    ['read', 'loongarch64', '2.6.0', 63],
    ['socket', 'x86', '2.2.3', undefined],
    ['socket', 'x86', '2.3.0', 359],
    ['mmap', 'arm', undefined, undefined],
    ['mmap', 'arm', '2.2.0', 90],
    ['fchmodat2', 'x86_64', '2.5.4', undefined],
    ['fchmodat2', 'x86_64', '2.5.4-1+deb12u1', 452],
    ['set_tls', 'arm', undefined, 983045],
    ['no_such_call', 'x86_64', undefined, undefined],
  ];
  it.each(cases)('%s on %s in libseccomp %s is %s', (name, abi, libseccomp, number) => {
    expect(syscallNumber(name, abi, libseccomp)).toBe(number);
  });

  it('refuses a release that it does not know', () => {
    expect(() => syscallNumber('read', 'x86_64', '2.5.99')).toThrow('libseccomp 2.5.99 is not known');
  });
});

describe('largest x86_64 number of a release', () => {
  const cases = [
    ['2.3.1', 326],
    ['2.3.3', 332],
    ['2.4.1', 334],
    ['2.4.2', 435],
    ['2.4.4', 439],
    ['2.5.1', 439],
    ['2.5.2', 447],
    ['2.5.3', 448],
    ['2.5.4', 450],
    ['2.5.4-1+deb12u1', 456],
    ['2.5.5', 456],
    ['2.5.6', 466],
    ['2.6.0', 466],
    ['2.6.1', 471],
  ] as const;
  it.each(cases)('%s: %d', (libseccomp, largest) => {
    const numbers = syscallsOf('x86_64').flatMap(
      ({ name }) => syscallNumber(name, 'x86_64', libseccomp) ?? [],
    );
    expect(Math.max(...numbers)).toBe(largest);
  });
});

it('names resolve in the releases that know them', () => {
  expect(isKnownName('oldwait4', '2.4.4')).toBe(true);
  expect(isKnownName('oldwait4', '2.5.0')).toBe(false);
  expect(isKnownName('openat2', '2.4.3')).toBe(false);
  expect(isKnownName('openat2', '2.4.4')).toBe(true);
  const upstream = libseccompReleases.filter((version) => !version.includes('-'));
  expect(upstream).toEqual([...upstream].sort(compareVersions));
  expect(libseccompReleases.indexOf('2.5.4-1+deb12u1')).toBe(libseccompReleases.indexOf('2.5.4') + 1);
});

describe('syscallName', () => {
  it.each(abis.map((row) => row.name))('is the reverse of syscallNumber on %s', (abi) => {
    const list = syscallsOf(abi);
    expect(list.length).toBeGreaterThan(250);
    expect(list.filter(({ name, number }) => syscallNumber(name, abi) !== number)).toEqual([]);
    expect(list.filter(({ name, number }) => syscallName(number, abi) !== name)).toEqual([]);
    expect(list.every(({ number }, index) => index === 0 || (list[index - 1]?.number ?? 0) < number)).toBe(
      true,
    );
  });

  it('knows 0x1c4', () => expect(syscallName(0x1c4, 'x86_64')).toBe('fchmodat2'));
  it('has nothing for a number past the table', () => expect(syscallName(999, 'x86_64')).toBeUndefined());
});

describe('kernelSince', () => {
  const cases: readonly (readonly [string, AbiName, string | undefined, boolean | undefined])[] = [
    ['socket', 'x86', '4.3', true],
    ['socket', 'x86_64', '2.0', true],
    ['socket', 'aarch64', '3.7', false],
    ['clone3', 'aarch64', '5.5', true],
    ['statx', 'sh', '5.1', false],
    ['lock', 'x86', undefined, undefined],
    ['mmap', 'arm', undefined, undefined],
  ];
  it.each(cases)('%s on %s: %s', (name, abi, version, exact) => {
    expect(kernelSince(name, abi)).toEqual(version === undefined ? undefined : { version, exact });
  });
  it('knows removed calls', () => {
    expect(kernelRemoved('_sysctl')).toBe('5.5');
    expect(kernelRemoved('read')).toBeUndefined();
  });
});

describe('multiplexed', () => {
  const cases: readonly (readonly [string, AbiName, string | undefined, object | undefined])[] = [
    ['socket', 'x86', undefined, { via: 'socketcall', call: 1 }],
    ['sendmmsg', 'x86', undefined, { via: 'socketcall', call: 20 }],
    ['semop', 's390x', undefined, { via: 'ipc', call: 1 }],
    ['shmctl', 'ppc64le', undefined, { via: 'ipc', call: 24 }],
    ['socket', 'x86_64', undefined, undefined],
    ['read', 'x86', undefined, undefined],
    ['socket', 'x86', '2.2.0', { via: 'socketcall', call: 1 }],
    ['accept4', 'x86', '2.3.0', undefined],
    ['accept4', 'x86', '2.3.1', { via: 'socketcall', call: 18 }],
    ['socket', 's390x', '2.3.0', undefined],
    ['socket', 's390x', '2.3.1', { via: 'socketcall', call: 1 }],
    ['socket', 'ppc64le', '2.4.4', undefined],
    ['socket', 'ppc64le', '2.5.0', { via: 'socketcall', call: 1 }],
    ['socket', 'mipsel', '2.5.1', undefined],
    ['socket', 'mipsel', '2.5.4-1+deb12u1', { via: 'socketcall', call: 1 }],
  ];
  it.each(cases)('%s on %s in %s', (name, abi, libseccomp, way) => {
    expect(multiplexed(name, abi, libseccomp)).toEqual(way);
  });
});

describe('resolvedNumber', () => {
  const cases: readonly (readonly [string, AbiName, string, number | 'pseudo' | undefined])[] = [
    ['socket', 'x86', '2.5.4', 'pseudo'],
    ['socket', 'x86', '2.3.0', 359],
    ['msgget', 's390x', '2.4.4', 399],
    ['shmget', 's390x', '2.4.2', 395],
    ['shmget', 's390x', '2.4.3', 'pseudo'],
    ['getrlimit', 'aarch64', '2.4.1', 163],
    ['getrlimit', 'aarch64', '2.4.3', 'pseudo'],
    ['getrlimit', 'aarch64', '2.4.4', 163],
    ['semop', 'mips', '2.5.0', 3799],
    ['semop', 'mips', '2.5.1', 'pseudo'],
    ['clock_gettime64', 'parisc64', '2.4.3', 'pseudo'],
    ['clock_gettime64', 'parisc64', '2.4.4', 403],
    ['clock_gettime64', 'parisc64', '2.5.0', 'pseudo'],
    ['msgget', 's390x', '2.5.0', 'pseudo'],
    ['mmap2', 'x86_64', '2.5.4', 'pseudo'],
    ['mseal', 'x86_64', '2.5.4', undefined],
    ['read', 'x86_64', '2.5.4', 0],
  ];
  it.each(cases)('%s on %s in %s', (name, abi, libseccomp, number) => {
    expect(resolvedNumber(name, abi, libseccomp)).toBe(number);
  });
});

describe('nearestNames', () => {
  it.each([
    ['clon3', 'clone3'],
    ['opneat2', 'openat2'],
    ['SOCKT', 'socket'],
    ['fchmodat2x', 'fchmodat2'],
  ])('%s may mean %s', (word, name) => expect(nearestNames(word)).toContain(name));
  it('has nothing for words that are far from any, and for long ones', () => {
    expect(nearestNames('qqqqqqqq')).toEqual([]);
    expect(nearestNames('a'.repeat(1_000_000))).toEqual([]);
  });
});

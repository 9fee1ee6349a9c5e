import { describe, expect, it } from 'vitest';
import type { AbiName } from '../../src/syscalls/abi.js';
import { abi, abiOfCall, abis, findAbi, subAbisDocker } from '../../src/syscalls/abis.js';
import { capabilities, capabilityName } from '../../src/syscalls/capabilities.js';

describe('findAbi', () => {
  const cases: readonly (readonly [string, AbiName | undefined])[] = [
    ['amd64', 'x86_64'],
    ['x86_64', 'x86_64'],
    ['x86-64', 'x86_64'],
    ['SCMP_ARCH_X86_64', 'x86_64'],
    ['linux/amd64', 'x86_64'],
    ['linux/amd64/v3', 'x86_64'],
    ['386', 'x86'],
    ['i686', 'x86'],
    ['SCMP_ARCH_X32', 'x32'],
    ['ARM64', 'aarch64'],
    ['linux/arm64/v8', 'aarch64'],
    ['linux/arm/v7', 'arm'],
    ['armv7l', 'arm'],
    ['armhf', 'arm'],
    ['mipsle', 'mipsel'],
    ['mips', 'mips'],
    ['mips64', 'mips64'],
    ['mips64le', 'mipsel64'],
    ['SCMP_ARCH_MIPSEL64N32', 'mipsel64n32'],
    ['ppc64el', 'ppc64le'],
    ['s390x', 's390x'],
    ['loong64', 'loongarch64'],
    ['riscv64', 'riscv64'],
    ['sh4', 'sh'],
    ['windows/amd64', undefined],
    ['linux', undefined],
    ['', undefined],
    ['constructor', undefined],
  ];
  it.each(cases)('%s is %s', (word, name) => expect(findAbi(word)).toBe(name));

  it('knows every name and SCMP_ARCH_ word', () => {
    expect(abis.filter(({ name, scmp }) => findAbi(name) !== name || findAbi(scmp) !== name)).toEqual([]);
    expect(abis.length).toBe(23);
  });
});

describe('abiOfCall', () => {
  const cases: readonly (readonly [number, number, AbiName | undefined])[] = [
    [0xc000003e, 0, 'x86_64'],
    [0xc000003e, 0x40000000, 'x32'],
    [0xc000003e, 0xffffffff, 'x86_64'],
    [0xc000003e, -1, 'x86_64'],
    [0xc000003e | 0, 1, 'x86_64'],
    [0x40000003, 0x40000000, 'x86'],
    [0xc00000b7, 435, 'aarch64'],
    [0x8, 4001, 'mips'],
    [0x4000002a, 1, 'sh'],
    [0x4000003e, 1, undefined],
    [0xdead, 1, undefined],
  ];
  it.each(cases)('arch %i, number %i', (arch, number, name) => expect(abiOfCall(arch, number)).toBe(name));
});

it('x32 has the audit arch that the kernel gives it', () => {
  expect(abi('x32')).toMatchObject({ auditArch: 0xc000003e, numberBase: 0x40000000 });
  expect(subAbisDocker.get('x86_64')).toEqual(['x86', 'x32']);
  expect(subAbisDocker.get('mipsel64n32')).toEqual(['mipsel', 'mipsel64']);
});

describe('capabilities', () => {
  it('stand in the order of their numbers', () => {
    expect(capabilities.map(({ number }) => number)).toEqual(Array.from({ length: 41 }, (_, index) => index));
    expect(capabilities[21]?.name).toBe('CAP_SYS_ADMIN');
  });
  it.each([
    ['sys_admin', 'CAP_SYS_ADMIN'],
    ['CAP_SYS_ADMIN', 'CAP_SYS_ADMIN'],
    [' Net_Raw ', 'CAP_NET_RAW'],
    ['ALL', undefined],
    ['CAP_CAP_CHOWN', undefined],
  ])('%s is %s', (word, name) => expect(capabilityName(word)).toBe(name));
});

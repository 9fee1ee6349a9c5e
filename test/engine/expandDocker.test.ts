import { describe, expect, test } from 'vitest';
import { type ExpandContext, expandDocker } from '../../src/engine/expandDocker.js';
import type { Expansion } from '../../src/engine/expansion.js';
import { readProfile } from '../../src/profile/read.js';
import type { AbiName } from '../../src/syscalls/abi.js';

interface World {
  readonly caps?: readonly string[];
  readonly arch?: AbiName;
  readonly kernel?: string;
}

function expand(
  document: unknown,
  version: string,
  { caps = [], arch = 'x86_64', kernel = '6.1.0' }: World = {},
): Expansion {
  const context: ExpandContext = { engine: { version }, arch, kernel, capabilities: caps };
  return expandDocker(readProfile(JSON.stringify(document), 'p.json', { dialect: 'docker' }), context);
}

function seccomp(document: unknown, version: string, world?: World): Extract<Expansion, { kind: 'seccomp' }> {
  const result = expand(document, version, world);
  if (result.kind !== 'seccomp') throw new Error(JSON.stringify(result));
  return result;
}

/** A profile with one rule for clone3. */
const rule = (parts: object): object => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['clone3'], action: 'SCMP_ACT_ALLOW', ...parts }],
});

const applies = (document: unknown, version: string, world?: World): boolean =>
  seccomp(document, version, world).oci.syscalls.some(({ names }) => names.includes('clone3'));

describe('conditions', () => {
  const rows: readonly (readonly [string, object, string, World, boolean])[] = [
    [
      'includes.caps: all present',
      { includes: { caps: ['CAP_A', 'CAP_B'] } },
      '28.5.2',
      { caps: ['CAP_A', 'CAP_B'] },
      true,
    ],
    [
      'includes.caps: one missing',
      { includes: { caps: ['CAP_A', 'CAP_B'] } },
      '28.5.2',
      { caps: ['CAP_A'] },
      false,
    ],
    [
      'includes.caps: short names never match',
      { includes: { caps: ['CHOWN'] } },
      '28.5.2',
      { caps: ['CAP_CHOWN'] },
      false,
    ],
    [
      'includes.caps: case counts',
      { includes: { caps: ['cap_chown'] } },
      '28.5.2',
      { caps: ['CAP_CHOWN'] },
      false,
    ],
    ['excludes.caps: none present', { excludes: { caps: ['CAP_A', 'CAP_B'] } }, '28.5.2', {}, true],
    [
      'excludes.caps: any present',
      { excludes: { caps: ['CAP_A', 'CAP_B'] } },
      '28.5.2',
      { caps: ['CAP_B'] },
      false,
    ],
    ['includes.arches: host', { includes: { arches: ['arm', 'amd64'] } }, '28.5.2', {}, true],
    ['includes.arches: other', { includes: { arches: ['arm64'] } }, '28.5.2', {}, false],
    [
      'includes.arches: SCMP words never match',
      { includes: { arches: ['SCMP_ARCH_X86_64', 'x86_64', 'x32'] } },
      '28.5.2',
      {},
      false,
    ],
    ['excludes.arches: host', { excludes: { arches: ['amd64'] } }, '28.5.2', {}, false],
    ['all kinds are needed', { includes: { arches: ['amd64'], caps: ['CAP_A'] } }, '28.5.2', {}, false],
    [
      'excludes win',
      { includes: { caps: ['CAP_A'] }, excludes: { arches: ['amd64'] } },
      '28.5.2',
      { caps: ['CAP_A'] },
      false,
    ],
    ['minKernel 4.8 on 4.8', { includes: { minKernel: '4.8' } }, '20.10.0', { kernel: '4.8.0-rc5' }, true],
    ['minKernel 4.8 on 4.7', { includes: { minKernel: '4.8' } }, '20.10.0', { kernel: '4.7.99' }, false],
    ['minKernel 4.8 on 10.0', { includes: { minKernel: '4.8' } }, '20.10.0', { kernel: '10.0' }, true],
    ['minKernel "" is always reached', { includes: { minKernel: '' } }, '20.10.0', { kernel: '3.10' }, true],
    [
      'excludes.minKernel "" always excludes',
      { excludes: { minKernel: '' } },
      '20.10.0',
      { kernel: '3.10' },
      false,
    ],
    ['excludes.minKernel reached', { excludes: { minKernel: '5.0' } }, '20.10.0', {}, false],
    ['excludes.minKernel not reached', { excludes: { minKernel: '6.2' } }, '20.10.0', {}, true],
    ['minKernel "" before 20.10 is as absent', { excludes: { minKernel: '' } }, '19.03.0', {}, true],
    [
      '19.03 compares three numbers',
      { includes: { minKernel: '4.8.5' } },
      '19.03.15',
      { kernel: '4.8.4' },
      false,
    ],
    [
      '19.03 takes suffixes',
      { includes: { minKernel: '4.8.5-generic' } },
      '19.03.15',
      { kernel: '4.8.5' },
      true,
    ],
    ['minKernel is not read before 19.03', { includes: { minKernel: '9.9' } }, '18.09.9', {}, true],
    [
      'conditions are not read before 1.13',
      { includes: { caps: ['CAP_A'] }, name: 'clone3' },
      '1.12.6',
      {},
      true,
    ],
  ];
  test.each(rows)('%s', (_, parts, version, world, expected) => {
    expect(applies(rule(parts), version, world)).toBe(expected);
  });

  test('a dropped rule tells the first condition that failed, in moby’s order', () => {
    const document = rule({
      includes: { arches: ['arm64'], caps: ['CAP_A', 'CAP_B'] },
      excludes: { caps: ['CAP_C'] },
    });
    expect(seccomp(document, '28.5.2', { caps: ['CAP_C'] }).dropped).toEqual([
      {
        rule: 0,
        condition: 'excludes.caps',
        values: ['CAP_C'],
        text: 'only without CAP_C, which the container has',
      },
    ]);
    expect(seccomp(document, '28.5.2').dropped).toMatchObject([
      { condition: 'includes.arches', values: ['arm64'] },
    ]);
    expect(seccomp(document, '28.5.2', { arch: 'aarch64', caps: ['CAP_B'] }).dropped).toMatchObject([
      {
        condition: 'includes.caps',
        values: ['CAP_A'],
        text: 'needs CAP_A, which the container does not have',
      },
    ]);
    const kernels = rule({ includes: { minKernel: '6.2' } });
    expect(seccomp(kernels, '28.5.2').dropped).toMatchObject([
      { condition: 'includes.minKernel', text: 'needs kernel 6.2, and this is 6.1.0' },
    ]);
  });
});

describe('words of architectures', () => {
  const rows: readonly (readonly [AbiName, string, string, boolean])[] = [
    ['x86', 'x86', '20.10.0', true],
    ['x86', 'x86', '19.03.0', true],
    ['arm', 'arm', '28.5.2', true],
    ['ppc64le', 'ppc64le', '19.03.0', true],
    ['mipsel64n32', 'mips3l64n32', '20.10.0', true],
    ['mipsel64n32', 'mipsel64n32', '20.10.0', false],
    ['mipsel64n32', 'mipsel64n32', '19.03.0', true],
    ['mips', 'mips', '20.10.0', false],
    ['mips', 'mips', '19.03.0', true],
    ['riscv64', 'riscv64', '23.0.0', false],
    ['riscv64', 'riscv64', '23.0.16', true],
    ['riscv64', 'riscv64', '24.0.9', false],
    ['riscv64', 'riscv64', '25.0.6', false],
    ['riscv64', 'riscv64', '25.0.7', true],
    ['riscv64', 'riscv64', '26.1.5', false],
    ['riscv64', 'riscv64', '27.2.1', false],
    ['riscv64', 'riscv64', '27.3.0', true],
    ['loongarch64', 'loong64', '29.4.2', false],
    ['loongarch64', 'loongarch64', '29.4.2', true],
    ['loongarch64', 'loongarch64', '28.5.2', false],
    ['x32', 'amd64', '28.5.2', true],
  ];
  test.each(rows)('%s is %s in %s: %s', (arch, word, version, expected) => {
    expect(applies(rule({ includes: { arches: [word] } }), version, { arch })).toBe(expected);
  });
});

describe('architectures', () => {
  const map = (...entries: readonly (readonly [string, ...string[]])[]): object => ({
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: entries.map(([architecture, ...subArchitectures]) => ({ architecture, subArchitectures })),
    syscalls: [],
  });
  const all = map(
    ['SCMP_ARCH_ARM'],
    ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    ['SCMP_ARCH_RISCV64'],
    ['SCMP_ARCH_LOONGARCH64'],
    ['SCMP_ARCH_PPC64LE'],
    ['SCMP_ARCH_MIPSEL'],
    ['SCMP_ARCH_X86'],
  );
  const rows: readonly (readonly [AbiName, string, readonly string[]])[] = [
    ['x86_64', '28.5.2', ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']],
    ['x86_64', '1.13.0', ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']],
    ['x86_64', '1.12.6', []],
    ['arm', '20.10.0', ['SCMP_ARCH_ARM']],
    ['arm', '19.03.0', []],
    ['ppc64le', '20.10.0', ['SCMP_ARCH_PPC64LE']],
    ['ppc64le', '19.03.0', []],
    ['x86', '20.10.0', ['SCMP_ARCH_X86']],
    ['x86', '19.03.0', []],
    ['mipsel', '28.5.2', []],
    ['riscv64', '23.0.15', []],
    ['riscv64', '27.3.0', ['SCMP_ARCH_RISCV64']],
    ['loongarch64', '29.7.2', []],
    ['s390x', '28.5.2', []],
  ];
  test.each(rows)('archMap on %s in %s', (arch, version, expected) => {
    const result = seccomp(all, version, { arch });
    expect(result.oci.architectures).toEqual(expected);
    const kinds = result.notes.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expected.length > 0 ? [] : [version === '1.12.6' ? 'dropped-field' : 'arch-map-unmatched'],
    );
  });

  test('a plain list is handed on as it is', () => {
    const document = { defaultAction: 'X', architectures: ['SCMP_ARCH_X86', 'nonsense'], syscalls: [] };
    expect(seccomp(document, '28.5.2', { arch: 'aarch64' }).oci.architectures).toEqual([
      'SCMP_ARCH_X86',
      'nonsense',
    ]);
  });
});

describe('errors in Docker’s words', () => {
  const both = { ...rule({ name: 'a', includes: { caps: ['CAP_A'] } }) };
  const kernel = (minKernel: unknown): object => rule({ includes: { caps: ['CAP_A'], minKernel } });
  const rows: readonly (readonly [string, object, string, World, string | undefined])[] = [
    [
      'name and names since 23.0',
      both,
      '23.0.0',
      {},
      "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'",
    ],
    ['name and names before, in a rule that is dropped', both, '20.10.24', {}, undefined],
    [
      'name and names before, in a rule that applies',
      both,
      '20.10.24',
      { caps: ['CAP_A'] },
      "'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'",
    ],
    [
      'archMap and architectures since 23.0',
      { ...rule({}), architectures: ['a'], archMap: [{ architecture: 'b' }] },
      '23.0.0',
      {},
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    ],
    [
      'archMap and architectures before',
      { ...rule({}), architectures: ['a'], archMap: [{ architecture: 'b' }] },
      '20.10.24',
      {},
      "'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'",
    ],
    [
      'archMap and architectures before 1.13',
      { ...rule({ name: 'a' }), architectures: ['a'], archMap: [{ architecture: 'b' }] },
      '1.12.6',
      {},
      undefined,
    ],
    [
      'minKernel of three numbers',
      kernel('4.8.0'),
      '20.10.0',
      {},
      'Decoding seccomp profile failed: invalid kernel version: "4.8.0", expected "<kernel>.<major>"',
    ],
    [
      'minKernel 0.0',
      kernel('0.0'),
      '28.5.2',
      {},
      'Decoding seccomp profile failed: invalid kernel version: "0.0", expected "<kernel>.<major>": version cannot be 0.0',
    ],
    [
      'minKernel of letters',
      kernel('4.x'),
      '28.5.2',
      {},
      'Decoding seccomp profile failed: invalid kernel version: "4.x", expected "<kernel>.<major>": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      'minKernel over a byte',
      kernel('256.1'),
      '28.5.2',
      {},
      'Decoding seccomp profile failed: invalid kernel version: "256.1", expected "<kernel>.<major>": strconv.ParseUint: parsing "256": value out of range',
    ],
    [
      'minKernel of 19.03, where the rule gets that far',
      kernel('x'),
      '19.03.0',
      { caps: ['CAP_A'] },
      "Can't parse kernel version x",
    ],
    ['minKernel of 19.03, where it does not', kernel('x'), '19.03.0', {}, undefined],
  ];
  test.each(rows)('%s', (_, document, version, world, message) => {
    const result = expand(document, version, world);
    expect(result.kind === 'error' ? result.message : undefined).toBe(message);
  });
});

describe('fields that a release does not read', () => {
  const document = {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    flags: ['SECCOMP_FILTER_FLAG_LOG'],
    listenerPath: '/run/l',
    listenerMetadata: 'm',
    syscalls: [{ names: ['a', 'b'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }],
  };
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['28.5.2', []],
    ['23.0.0', []],
    ['20.10.24', ['defaultErrnoRet', 'flags', 'listenerPath', 'listenerMetadata']],
    ['20.10.10', ['defaultErrnoRet', 'flags', 'listenerPath', 'listenerMetadata']],
    ['20.10.9', ['defaultErrnoRet', 'flags', 'listenerPath', 'listenerMetadata', 'errnoRet']],
    ['1.12.6', ['defaultErrnoRet', 'flags', 'listenerPath', 'listenerMetadata', 'names', 'errnoRet']],
  ];
  test.each(rows)('%s', (version, lost) => {
    const { oci, notes } = seccomp(document, version);
    expect(oci.defaultErrnoRet).toBe(lost.includes('defaultErrnoRet') ? undefined : 38);
    expect('flags' in oci).toBe(!lost.includes('flags'));
    expect(oci.listenerPath).toBe(lost.includes('listenerPath') ? undefined : '/run/l');
    expect(oci.listenerMetadata).toBe(lost.includes('listenerMetadata') ? undefined : 'm');
    expect(oci.syscalls[0]?.errnoRet).toBe(lost.includes('errnoRet') ? undefined : 38);
    expect(notes.map(({ text }) => /does not read (\S+)/.exec(text)?.[1])).toEqual(lost);
  });

  test('a note stands where the field stands, and names the release that reads it', () => {
    const [note] = seccomp(document, '20.10.24').notes;
    expect(note).toMatchObject({
      kind: 'dropped-field',
      text: 'docker 20.10.24 does not read defaultErrnoRet (read since docker 23.0.0): denied calls get EPERM',
      at: { file: 'p.json', line: 1 },
    });
  });

  test('empty flags do not reach the bundle, so runc takes them for absent ones (a real 28.5.2 does so)', () => {
    expect('flags' in seccomp({ ...rule({}), flags: [] }, '28.5.2').oci).toBe(false);
    expect('flags' in seccomp(rule({}), '28.5.2').oci).toBe(false);
  });

  test('conditions and minKernel before their time', () => {
    expect(
      seccomp(rule({ includes: { minKernel: '9.9' } }), '18.09.9').notes.map(({ text }) => text),
    ).toEqual([
      'docker 18.09.9 does not read includes.minKernel (read since docker 19.03.0): the rule applies to every kernel',
    ]);
    expect(
      seccomp(rule({ name: 'a', includes: { caps: ['CAP_A'] } }), '1.12.6').notes.map(({ text }) => text),
    ).toContain(
      'docker 1.12.6 does not read includes (read since docker 1.13.0): the rule applies to every container',
    );
  });
});

describe('rules', () => {
  const names = (document: object, version: string): readonly (readonly string[])[] =>
    seccomp(document, version).oci.syscalls.map((entry) => entry.names);
  test('one OCI rule a rule since 20.10, one a name before', () => {
    const document = rule({ names: ['a', 'b'] });
    expect(names(document, '20.10.0')).toEqual([['a', 'b']]);
    expect(names(document, '19.03.15')).toEqual([['a'], ['b']]);
  });
  test('the old single name', () => {
    const document = { defaultAction: 'A', syscalls: [{ name: 'chmod', action: 'SCMP_ACT_ERRNO' }] };
    for (const version of ['1.10.0', '1.12.6', '1.13.0', '20.10.24', '29.7.2'])
      expect(names(document, version)).toEqual([['chmod']]);
  });
  test('no name at all has no effect, save before 1.13, where the name is empty', () => {
    for (const parts of [{ names: [] }, { names: [], name: '' }]) {
      expect(names(rule(parts), '28.5.2')).toEqual([[]]);
      expect(names(rule(parts), '19.03.15')).toEqual([]);
      expect(names(rule(parts), '1.12.6')).toEqual([['']]);
    }
  });
  test('an OCI rule knows the rule that it came from', () => {
    const document = {
      defaultAction: 'A',
      syscalls: [
        { names: [], includes: { caps: ['X'] } },
        { names: ['a'], action: 'B' },
      ],
    };
    expect(seccomp(document, '28.5.2').oci.syscalls).toMatchObject([
      { origin: { rule: 1, at: { file: 'p.json', line: 1 } } },
    ]);
  });
  test('words are handed on unchecked', () => {
    const document = rule({ action: 'NONSENSE', args: [{ index: 9, value: 1, op: 'X' }] });
    expect(seccomp(document, '28.5.2').oci.syscalls[0]).toMatchObject({
      action: 'NONSENSE',
      args: [{ index: 9, value: 1n, op: 'X' }],
    });
  });
});

test.each(['1.10.0', '20.10.24', '28.5.2'])('an empty profile switches seccomp off in %s', (version) => {
  for (const document of [
    {},
    { syscalls: [] },
    { defaultAction: '', architectures: ['x'], archMap: [{ architecture: 'y' }] },
  ]) {
    expect(expand(document, version).kind).toBe('unconfined');
  }
  expect(expand({ defaultAction: 'SCMP_ACT_ALLOW' }, version).kind).toBe('seccomp');
  expect(expand({ syscalls: [{ name: 'a' }] }, version).kind).toBe('seccomp');
});

import { describe, expect, test } from 'vitest';
import type { Context, EngineName, SeccompChoice } from '../../src/engine/context.js';
import { loadDefaults } from '../../src/engine/defaults.js';
import { expand } from '../../src/engine/expand.js';
import type { Expansion } from '../../src/engine/expansion.js';
import { readProfile } from '../../src/profile/read.js';
import type { AbiName } from '../../src/syscalls/abi.js';

interface Parts {
  readonly caps?: readonly string[] | 'default';
  readonly arch?: AbiName;
  readonly kernel?: string;
  readonly privileged?: boolean;
  readonly seccomp?: SeccompChoice;
}

async function run(name: EngineName, version: string, parts: Parts = {}): Promise<Expansion> {
  const {
    caps = 'default',
    arch = 'x86_64',
    kernel = '6.1',
    privileged = false,
    seccomp = { kind: 'default' },
  } = parts;
  const context: Context = {
    engine: { name, version },
    runtime: { name: 'runc', version: '1.1.12' },
    libseccomp: '2.5.5',
    kernel,
    arch,
    capabilities: caps === 'default' ? ((await loadDefaults(name)).defaultCapabilities(version) ?? []) : caps,
    privileged,
    seccomp,
  };
  return expand(context);
}

async function seccomp(
  name: EngineName,
  version: string,
  parts?: Parts,
): Promise<Extract<Expansion, { kind: 'seccomp' }>> {
  const result = await run(name, version, parts);
  if (result.kind !== 'seccomp') throw new Error(JSON.stringify(result));
  return result;
}

/** Actions that the rules for a call name, in order, with the errno and the number of conditions. */
async function actions(
  call: string,
  name: EngineName,
  version: string,
  parts?: Parts,
): Promise<readonly string[]> {
  const { oci } = await seccomp(name, version, parts);
  return oci.syscalls
    .filter(({ names }) => names.includes(call))
    .map(({ action, errnoRet, args }) =>
      [
        action.replace('SCMP_ACT_', ''),
        ...(errnoRet === undefined ? [] : [errnoRet]),
        ...(args.length > 0 ? [`?${args.length}`] : []),
      ].join(' '),
    );
}

const file = (document: unknown): SeccompChoice => ({
  kind: 'profile',
  profile: readProfile(JSON.stringify(document), 'p.json'),
});

describe('docker’s default profile', () => {
  const sizes: readonly (readonly [string, Parts, number, number, number])[] = [
    // version, world, rules, names, dropped
    ['28.5.2', { caps: [] }, 12, 370, 19],
    ['28.5.2', {}, 13, 371, 18],
    ['28.5.2', { caps: ['CAP_SYS_ADMIN'] }, 11, 394, 20],
    ['20.10.24', {}, 12, 353, 15],
  ];
  test.each(sizes)('%s %j', async (version, parts, rules, names, dropped) => {
    const result = await seccomp('docker', version, parts);
    expect([
      result.oci.syscalls.length,
      new Set(result.oci.syscalls.flatMap((rule) => rule.names)).size,
      result.dropped.length,
    ]).toEqual([rules, names, dropped]);
    expect(result.notes).toEqual([]);
    expect(result.oci.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
  });

  const calls: readonly (readonly [string, string, Parts, readonly string[]])[] = [
    ['clone3', '20.10.9', {}, []],
    ['clone3', '20.10.10', {}, ['ERRNO 38']],
    ['clone3', '20.10.10', { caps: ['CAP_SYS_ADMIN'] }, ['ALLOW']],
    ['get_mempolicy', '27.5.1', {}, []],
    ['get_mempolicy', '27.5.1', { caps: ['CAP_SYS_NICE'] }, ['ALLOW']],
    ['ptrace', '19.03.0', { kernel: '4.7' }, []],
    ['ptrace', '19.03.0', { kernel: '4.8' }, ['ALLOW']],
    ['statx', '18.03.1-ce', {}, []],
    ['statx', '18.04.0-ce', {}, ['ALLOW']],
    ['io_uring_setup', '24.0.9', {}, ['ALLOW']],
    ['io_uring_setup', '25.0.0', {}, []],
    ['chmod', '1.10.0', {}, ['ALLOW']],
    ['arch_prctl', '28.5.2', {}, ['ALLOW']],
    ['arch_prctl', '28.5.2', { arch: 'aarch64' }, []],
  ];
  test.each(calls)('%s in %s %j', async (call, version, parts, expected) => {
    expect(await actions(call, 'docker', version, parts)).toEqual(expected);
  });

  test('defaultErrnoRet is explicit since 23.0', async () => {
    expect((await seccomp('docker', '20.10.24')).oci.defaultErrnoRet).toBeUndefined();
    expect((await seccomp('docker', '23.0.0')).oci.defaultErrnoRet).toBe(1);
  });
  test('no entry of archMap for riscv64 before 27.3, and none for ppc64le at all', async () => {
    expect((await seccomp('docker', '27.2.1', { arch: 'riscv64' })).oci.architectures).toEqual([]);
    expect((await seccomp('docker', '27.3.0', { arch: 'riscv64' })).oci.architectures).toEqual([
      'SCMP_ARCH_RISCV64',
    ]);
    const power = await seccomp('docker', '28.5.2', { arch: 'ppc64le' });
    expect(power.oci.architectures).toEqual([]);
    expect(power.notes).toMatchObject([{ kind: 'arch-map-unmatched' }]);
  });
});

describe('podman and cri-o', () => {
  const calls: readonly (readonly [EngineName, string, string, Parts, readonly string[]])[] = [
    ['podman', 'clone3', '5.8.2', {}, ['ALLOW']],
    ['podman', 'mount', '5.8.2', {}, ['ALLOW']],
    ['podman', 'cachestat', '5.8.2', {}, ['ERRNO 1']],
    ['podman', 'io_uring_setup', '5.8.2', {}, []],
    ['cri-o', 'unshare', '1.23.0', {}, ['ALLOW']],
    ['cri-o', 'unshare', '1.24.0', {}, []],
    ['cri-o', 'unshare', '1.24.0', { caps: ['CAP_SYS_ADMIN'] }, ['ALLOW']],
    ['cri-o', 'clone3', '1.31.0', {}, ['ERRNO 38']],
    ['cri-o', 'clone3', '1.31.0', { caps: ['CAP_SYS_ADMIN'] }, ['ALLOW']],
  ];
  test.each(calls)('%s: %s in %s %j', async (engine, call, version, parts, expected) => {
    expect(await actions(call, engine, version, parts)).toEqual(expected);
  });

  test('the default is ENOSYS since Podman 3.3', async () => {
    expect((await seccomp('podman', '3.2.3')).oci.defaultErrnoRet).toBeUndefined();
    expect((await seccomp('podman', '3.3.0')).oci.defaultErrnoRet).toBe(38);
  });

  const named = file({
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrno: 'ENOSYS',
    defaultErrnoRet: 1,
    flags: ['SECCOMP_FILTER_FLAG_LOG'],
    syscalls: [
      { names: ['a'], action: 'SCMP_ACT_ERRNO', errno: 'EACCES', errnoRet: 1 },
      { names: ['b'], action: 'SCMP_ACT_ERRNO', errno: '77', includes: { minKernel: '9.9' } },
      { names: [], action: 'SCMP_ACT_ERRNO' },
    ],
  });
  const errnos: readonly (readonly [
    EngineName,
    string,
    AbiName,
    number | undefined,
    readonly (number | undefined)[],
    boolean,
  ])[] = [
    ['podman', '5.8.2', 'x86_64', 38, [13, 77], true],
    ['podman', '5.8.2', 'mips64', 89, [13, 77], true],
    ['podman', '4.0.0', 'x86_64', 38, [13, 77], false],
    ['podman', '3.4.4', 'x86_64', 1, [1, undefined], false],
    ['podman', '3.2.3', 'x86_64', undefined, [1, undefined], false],
    ['podman', '1.9.3', 'x86_64', undefined, [undefined, undefined], false],
    ['buildah', '1.24.0', 'x86_64', 38, [13, 77], false],
    ['cri-o', '1.25.0', 'x86_64', 38, [13, 77], true],
    ['cri-o', '1.24.6', 'x86_64', 1, [1, undefined], false],
  ];
  test.each(errnos)(
    'errno names and flags in %s %s on %s',
    async (engine, version, arch, byDefault, rules, flags) => {
      const { oci, notes } = await seccomp(engine, version, { seccomp: named, arch });
      expect(oci.defaultErrnoRet).toBe(byDefault);
      expect(oci.syscalls.map(({ errnoRet }) => errnoRet)).toEqual(rules);
      expect('flags' in oci).toBe(flags);
      expect(notes.map(({ text }) => text)).toContain(
        `${engine} ${version} does not read includes.minKernel: the rule applies to every kernel`,
      );
    },
  );

  const refused: readonly (readonly [object, string])[] = [
    [{ defaultErrno: 'ENOTHING' }, 'unknown errno ENOTHING'],
    [{ syscalls: [{ names: ['a'], errno: 'x' }] }, 'unknown errno x'],
    [
      { syscalls: [{ names: ['a'], name: 'b' }] },
      "'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'",
    ],
    [
      { architectures: ['a'], archMap: [{ architecture: 'b' }] },
      "'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'",
    ],
  ];
  test.each(refused)('%j is refused', async (document, message) => {
    const choice = file({ defaultAction: 'SCMP_ACT_ALLOW', ...document });
    expect(await run('podman', '5.8.2', { seccomp: choice })).toEqual({ kind: 'error', message });
  });

  test('a rule that is dropped can have any errno', async () => {
    const choice = file({
      defaultAction: 'A',
      syscalls: [{ names: ['a'], errno: 'x', includes: { caps: ['CAP_NONE'] } }],
    });
    expect((await seccomp('podman', '5.8.2', { seccomp: choice })).dropped).toHaveLength(1);
  });

  test('an empty profile switches seccomp off', async () => {
    expect((await run('podman', '5.8.2', { seccomp: file({}) })).kind).toBe('unconfined');
  });
});

describe('containerd', () => {
  const calls: readonly (readonly [string, string, Parts, readonly string[]])[] = [
    ['clone3', '1.4.9', {}, []],
    ['clone3', '1.4.10', {}, ['ERRNO 38']],
    ['clone3', '2.3.4', { caps: ['CAP_SYS_ADMIN'] }, ['ALLOW']],
    ['ptrace', '2.3.4', { kernel: '4.7' }, []],
    ['ptrace', '2.3.4', { kernel: '4.8' }, ['ALLOW']],
    ['io_uring_setup', '1.7.13', {}, ['ALLOW']],
    ['io_uring_setup', '2.0.0', {}, []],
  ];
  test.each(calls)('RuntimeDefault: %s in %s %j', async (call, version, parts, expected) => {
    expect(await actions(call, 'containerd', version, parts)).toEqual(expected);
  });

  test('RuntimeDefault has no defaultErrnoRet', async () => {
    for (const version of ['1.0.0', '2.3.4'])
      expect((await seccomp('containerd', version)).oci.defaultErrnoRet).toBeUndefined();
  });

  const docker = {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    listenerPath: '/l',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [
      { names: ['bpf'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_BPF'] } },
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38, excludes: { caps: ['CAP_SYS_ADMIN'] } },
      { name: 'chmod', action: 'SCMP_ACT_ALLOW' },
    ],
  };

  test('a Localhost profile in Docker’s layout loses everything that is Docker’s own', async () => {
    const { oci, dropped, notes } = await seccomp('containerd', '2.3.4', { caps: [], seccomp: file(docker) });
    expect(oci.architectures).toEqual([]);
    expect(oci.syscalls.map(({ names, errnoRet }) => [names, errnoRet])).toEqual([
      [['bpf'], undefined],
      [['clone3'], 38],
      [[], undefined],
    ]);
    expect(dropped).toEqual([]);
    expect(notes.map(({ text }) => text.replace('containerd 2.3.4 does not read ', ''))).toEqual([
      'archMap: the filter knows the native ABI only, calls of any other ABI are killed',
      'includes: rule 0 applies to every container',
      'excludes: rule 1 applies to every container',
      'name: rule 2 does nothing',
    ]);
  });

  const releases: readonly (readonly [string, readonly string[]])[] = [
    ['2.3.4', ['defaultErrnoRet', 'listenerPath', 'errnoRet']],
    ['1.5.5', ['defaultErrnoRet', 'listenerPath', 'errnoRet']],
    ['1.5.4', ['errnoRet']],
    ['1.4.0', ['errnoRet']],
    ['1.3.10', []],
  ];
  test.each(releases)('fields that %s reads', async (version, fields) => {
    const { oci } = await seccomp('containerd', version, { seccomp: file(docker) });
    expect({
      defaultErrnoRet: oci.defaultErrnoRet !== undefined,
      listenerPath: oci.listenerPath !== undefined,
      errnoRet: oci.syscalls[1]?.errnoRet !== undefined,
    }).toEqual({
      defaultErrnoRet: fields.includes('defaultErrnoRet'),
      listenerPath: fields.includes('listenerPath'),
      errnoRet: fields.includes('errnoRet'),
    });
  });

  test('an empty profile is handed on: what it means is the runtime’s business', async () => {
    expect((await seccomp('containerd', '2.3.4', { seccomp: file({}) })).oci).toMatchObject({
      defaultAction: '',
      syscalls: [],
    });
  });
});

describe('no filter', () => {
  const rows: readonly (readonly [EngineName, string, Parts])[] = [
    ['docker', '28.5.2', { seccomp: { kind: 'unconfined' } }],
    ['docker', '28.5.2', { privileged: true }],
    ['buildah', '0.4', { caps: [] }],
  ];
  test.each(rows)('%s %s %j', async (engine, version, parts) => {
    expect((await run(engine, version, parts)).kind).toBe('unconfined');
  });
});

test('an unknown release is an error that says so', async () => {
  await expect(run('docker', '20.10.99', { caps: [] })).rejects.toMatchObject({ code: 'UNKNOWN' });
});

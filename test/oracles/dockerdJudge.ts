import { release } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containerCapabilities } from '../../src/engine/capabilities.js';
import { loadDefaults } from '../../src/engine/defaults.js';
import { expandDocker } from '../../src/engine/expandDocker.js';
import type { Expansion } from '../../src/engine/expansion.js';
import type { OciSeccomp } from '../../src/engine/oci.js';
import { readSecurityOptions } from '../../src/engine/securityOpt.js';
import { containerPaths, knownSysctls } from '../../src/explain/layers/container.js';
import { holds, readCapabilities } from '../../src/linux/capabilities.js';
import type { Profile } from '../../src/profile/profile.js';
import { readOciConfig, readProfile } from '../../src/profile/read.js';
import { findAbi } from '../../src/syscalls/abis.js';
import { capabilities } from '../../src/syscalls/capabilities.js';
import { describeWithOracle } from '../oracle.js';
import type { Dockerd } from './dockerd.js';

const SEED = 20260822;
const PROFILES = 150;
const CAPABILITY_SETS = 60;

/** What the runtime reads of an OCI seccomp, without where it came from. */
type Bare = Omit<OciSeccomp, 'syscalls'> & { readonly syscalls: readonly object[] };

export function bare(oci: OciSeccomp): Bare {
  return { ...oci, syscalls: oci.syscalls.map(({ origin: _origin, ...rule }) => rule) };
}

function bareProfile(profile: Profile): Bare {
  const { defaultAction, defaultErrnoRet, architectures, flags, listenerPath, listenerMetadata, rules } =
    profile;
  return {
    defaultAction,
    architectures,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    ...(flags === undefined ? {} : { flags }),
    ...(listenerPath === undefined ? {} : { listenerPath }),
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
    syscalls: rules.map(({ names, action, errnoRet, args }) => ({
      names,
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      args,
    })),
  };
}

/** What a bundle's config.json says beside seccomp and capabilities. */
interface Bundle {
  readonly mounts: readonly { readonly destination: string; readonly options?: readonly string[] }[];
  readonly linux: {
    readonly maskedPaths?: readonly string[];
    readonly readonlyPaths?: readonly string[];
    readonly sysctl?: Readonly<Record<string, string>>;
  };
}

type Answer =
  | { readonly seccomp: Bare | 'none'; readonly bounding: readonly string[] }
  | { readonly error: string };

function predicted(expansion: Expansion, bounding: readonly string[]): Answer {
  switch (expansion.kind) {
    case 'seccomp':
      return { seccomp: bare(expansion.oci), bounding };
    case 'unconfined':
      return { seccomp: 'none', bounding };
    case 'error':
      return { error: expansion.message };
  }
}

/** The daemon has what these tests have. */
function ownCapabilities(): readonly string[] {
  const { bounding } = readCapabilities();
  return capabilities.filter(({ name }) => holds(bounding, name)).map(({ name }) => name);
}

/** How many requests a daemon has answered as predicted. */
export interface Answered {
  requests: number;
}

/** The tests that hold expansion, capabilities and options against a Docker daemon. */
export function judgeDockerd(
  lacks: string | undefined,
  title: string,
  start: () => Promise<Dockerd>,
  finish: (daemon: Dockerd, answered: Answered) => void = () => {},
): void {
  describeWithOracle(lacks, title, () => judge(start, finish));
}

function judge(start: () => Promise<Dockerd>, finish: (daemon: Dockerd, answered: Answered) => void): void {
  const answered: Answered = { requests: 0 };
  let daemon: Dockerd | undefined;
  let version = '';
  let builtin: Profile | undefined;
  let defaults: readonly string[] = [];
  const arch = findAbi(process.arch === 'x64' ? 'x86_64' : process.arch) ?? 'x86_64';
  const kernel = release();

  beforeAll(async () => {
    daemon = await start();
    version = daemon.version;
    const data = await loadDefaults('docker');
    builtin = data.profile(version);
    defaults = data.defaultCapabilities(version) ?? [];
  }, 60_000);
  afterAll(async () => {
    if (daemon === undefined) return;
    finish(daemon, answered);
    await daemon.stop();
  }, 30_000);

  async function real(hostConfig: object): Promise<Answer> {
    const answer = await daemon?.ask(hostConfig);
    if (answer === undefined) throw new Error('no daemon');
    answered.requests++;
    if (answer.kind === 'error') return { error: answer.message };
    const read = readOciConfig(answer.text, 'config.json');
    const config = JSON.parse(answer.text) as {
      process: { capabilities?: { bounding?: readonly string[] } };
    };
    const bounding = new Set(config.process.capabilities?.bounding ?? []);
    return {
      seccomp: read.kind === 'unconfined' ? 'none' : bareProfile(read.profile),
      bounding: capabilities.map(({ name }) => name).filter((name) => bounding.has(name)),
    };
  }

  function ours(parts: {
    add?: readonly string[];
    drop?: readonly string[];
    privileged?: boolean;
    profile?: string;
  }): Answer {
    const { add = [], drop = [], privileged = false } = parts;
    const caps = containerCapabilities({
      engine: 'docker',
      version,
      kernel,
      defaults,
      add,
      drop,
      privileged,
      daemon: ownCapabilities(),
    });
    if (caps.kind === 'error') return { error: caps.message };
    const options = parts.profile === undefined ? [] : ['seccomp=profile.json'];
    const { seccomp } = readSecurityOptions({ engine: 'docker', version, options, privileged });
    const context = { engine: { version }, arch, kernel, capabilities: caps.capabilities };
    if (seccomp.kind === 'unconfined') return { seccomp: 'none', bounding: caps.capabilities };
    if (seccomp.kind === 'file' && parts.profile !== undefined) {
      return predicted(expandDocker(readProfile(parts.profile, 'profile.json'), context), caps.capabilities);
    }
    if (builtin === undefined) throw new Error(`no default profile of docker ${version}`);
    return predicted(expandDocker(builtin, context, true), caps.capabilities);
  }

  test.each([false, true])('paths and settings, privileged: %s', async (privileged) => {
    const answer = await daemon?.ask({ Privileged: privileged });
    if (answer?.kind !== 'config') throw new Error(answer?.message ?? 'no daemon');
    const { mounts, linux } = JSON.parse(answer.text) as Bundle;
    const context = { engine: { name: 'docker', version }, privileged } as const;
    const cpu = (path: string): string => path.replace(/\/cpu\d+\//, '/cpu*/');
    const fixed = mounts.some(
      ({ destination, options = [] }) => destination === '/sys' && options.includes('ro'),
    );
    const found = containerPaths(context);
    // A machine without that directory has nothing to mask there.
    const masked = found?.masked.filter(
      (path) => !path.includes('*') || linux.maskedPaths?.some((one) => cpu(one) === path),
    );
    expect([...(masked ?? [])].sort()).toEqual([...new Set((linux.maskedPaths ?? []).map(cpu))].sort());
    expect([...(found?.readonly ?? [])].sort()).toEqual(
      [...(linux.readonlyPaths ?? []), ...(fixed ? ['/sys'] : [])].sort(),
    );
    expect(Object.fromEntries(knownSysctls(context, {}))).toEqual(linux.sysctl ?? {});
  });

  const options = (profile: string): object => ({ SecurityOpt: [`seccomp=${profile}`] });

  const defaultRows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['default capabilities', [], []],
    ['no capabilities', [], ['ALL']],
    ['SYS_ADMIN', ['SYS_ADMIN'], []],
    ['every capability', ['ALL'], []],
  ];
  test.each(defaultRows)('the default profile with %s', async (_, add, drop) => {
    expect(await real({ CapAdd: add, CapDrop: drop })).toEqual(ours({ add, drop }));
  });

  test('the default profile with each capability by itself', async () => {
    for (const { name } of capabilities) {
      expect(await real({ CapAdd: [name], CapDrop: ['ALL'] }), name).toEqual(
        ours({ add: [name], drop: ['ALL'] }),
      );
    }
  }, 60_000);

  test('privileged containers', async () => {
    const profile = '{"defaultAction":"SCMP_ACT_ALLOW"}';
    expect(await real({ Privileged: true })).toEqual(ours({ privileged: true }));
    expect(await real({ Privileged: true, CapAdd: ['x'] })).toEqual(ours({ privileged: true, add: ['x'] }));
    expect(await real({ Privileged: true, ...options(profile) })).toEqual(
      ours({ privileged: true, profile }),
    );
  });

  const words: readonly (readonly [string, readonly string[]])[] = [
    ['builtin', ['seccomp=builtin']],
    ['a colon', ['seccomp:unconfined']],
    ['a colon and an equals sign', ['seccomp:a=b']],
    ['nothing behind', ['seccomp']],
    ['another word', ['secomp=x']],
    ['no-new-privileges of maybe', ['no-new-privileges=maybe']],
  ];
  test.each(words)('--security-opt with %s', async (_, given) => {
    const { seccomp } = readSecurityOptions({
      engine: 'docker',
      version,
      // The API is asked without a command, so no command's own refusals come in between.
      cliVersion: '28.5.2',
      options: given,
      privileged: false,
    });
    const answer = await real({ SecurityOpt: given });
    if (seccomp.kind === 'unconfined') expect(answer).toMatchObject({ seccomp: 'none' });
    else if (seccomp.kind === 'default') expect(answer).toEqual(ours({}));
    else if (seccomp.kind === 'error' && seccomp.by === 'daemon')
      expect(answer).toEqual({ error: seccomp.message });
    else expect(answer).toMatchObject({ error: expect.stringMatching(/^invalid --security-opt 1/) });
  });

  test(`${CAPABILITY_SETS} random --cap-add and --cap-drop`, async () => {
    const word = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...capabilities.map(({ name }) => name)) },
      { weight: 3, arbitrary: fc.constantFrom('sys_admin', 'Net_Raw', 'KILL', 'cap_chown') },
      { weight: 1, arbitrary: fc.constantFrom('ALL', 'all', 'CAP_ALL', 'NONSENSE') },
    );
    const sets = fc.sample(fc.tuple(fc.array(word, { maxLength: 3 }), fc.array(word, { maxLength: 3 })), {
      seed: SEED,
      numRuns: CAPABILITY_SETS,
    });
    for (const [add, drop] of sets) {
      expect(await real({ CapAdd: add, CapDrop: drop }), `${add} / ${drop}`).toEqual(ours({ add, drop }));
    }
  }, 120_000);

  test(`${PROFILES} random profiles`, async () => {
    const kinds = { seccomp: 0, none: 0, error: 0 };
    for (const document of fc.sample(profiles, { seed: SEED, numRuns: PROFILES })) {
      const profile = JSON.stringify(document);
      const answer = ours({ profile });
      kinds['error' in answer ? 'error' : answer.seccomp === 'none' ? 'none' : 'seccomp']++;
      expect(await real(options(profile)), profile).toEqual(answer);
    }
    // The generator still reaches every kind of answer.
    expect(Math.min(...Object.values(kinds))).toBeGreaterThan(2);
  }, 240_000);
}

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 40, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const name = fc.constantFrom('clone3', 'chmod', 'socket', 'no_such_call', '');
const list = (words: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.array(words, { maxLength: 2 });
const condition = fc.record({
  caps: some(list(fc.constantFrom('CAP_CHOWN', 'CAP_SYS_ADMIN', 'cap_chown', 'CHOWN', 'CAP_NET_RAW'))),
  arches: some(list(fc.constantFrom('amd64', 'arm64', 'x86_64', 'SCMP_ARCH_X86_64', 'x86', 's390x'))),
  minKernel: fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight: 6, arbitrary: fc.constantFrom('', '3.10', '4.8', '5.19', '6.0', '6.255', '9.0', '10.1') },
    { weight: 1, arbitrary: rarely(fc.constantFrom('4', '4.8.1', '0.0', 'x.y', '4.256', '-1.2')) },
  ),
});
const action = fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL', 'nonsense', '');
const arg = fc.record({
  index: fc.nat({ max: 9 }),
  value: fc.nat(),
  valueTwo: some(fc.nat()),
  op: fc.constantFrom('SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ', 'x'),
});
const rules = fc.array(
  fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({
        names: fc.array(name, { maxLength: 3 }),
        action,
        errnoRet: some(fc.nat({ max: 200 })),
        args: some(fc.array(arg, { maxLength: 2 })),
        includes: some(condition),
        excludes: some(condition),
        comment: some(fc.constant('why')),
      }),
    },
    { weight: 5, arbitrary: fc.record({ name, action }) },
    {
      weight: 1,
      arbitrary: fc.record({
        name,
        names: fc.array(name, { maxLength: 2 }),
        action,
        includes: some(condition),
      }),
    },
  ),
  { maxLength: 5 },
);
const architecture = fc.constantFrom(
  'SCMP_ARCH_X86_64',
  'SCMP_ARCH_X86',
  'SCMP_ARCH_ARM',
  'SCMP_ARCH_AARCH64',
  'SCMP_ARCH_X32',
);
const archMap = fc.array(
  fc.record({ architecture, subArchitectures: some(fc.array(architecture, { maxLength: 2 })) }),
  { maxLength: 3 },
);
/** Documents as they come, with some of everything that engines treat in their own ways. */
export const profiles = fc.record({
  defaultAction: fc.oneof({ weight: 6, arbitrary: action }, { weight: 1, arbitrary: fc.constant(undefined) }),
  defaultErrnoRet: some(fc.nat({ max: 200 })),
  architectures: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.array(architecture, { maxLength: 2 }) },
  ),
  archMap: some(archMap),
  flags: some(fc.array(fc.constantFrom('SECCOMP_FILTER_FLAG_LOG', 'x'), { maxLength: 2 })),
  listenerPath: rarely(fc.constant('/run/listener')),
  listenerMetadata: rarely(fc.constant('metadata')),
  syscalls: some(rules),
});

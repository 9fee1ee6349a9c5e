import { describe, expect, it } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { defaultConditions } from '../../src/record/conditions.js';
import { type ContainerOptions, profileFor } from '../../src/record/forContainer.js';
import { type ProfileOptions, profileOf } from '../../src/record/profile.js';
import type { RecordedArguments } from '../../src/record/recording.js';
import { type Runs, singleRun } from '../../src/record/runs.js';
import type { AbiName } from '../../src/syscalls/abi.js';
import { syscallNumber } from '../../src/syscalls/table.js';

type Made = string | readonly [string, ...RecordedArguments['values'][]];

/** Calls by name, `x86:brk` for another ABI; with argument values where they were recorded. */
function recorded(...made: readonly Made[]): Runs {
  const calls = made.map((one) => {
    const [word, ...values] = typeof one === 'string' ? ([one] as const) : one;
    const [abi, name] = (word.includes(':') ? word.split(':') : ['x86_64', word]) as [AbiName, string];
    const number = syscallNumber(name, abi);
    if (number === undefined) throw new RangeError(word);
    const args = values.map((each) => ({ values: each, count: 1 }));
    return { abi, number, count: 1, ...(values.length === 0 ? {} : { args }) };
  });
  return singleRun('x86_64', { recorder: 'user-notification', calls, lost: 0 }, { command: ['x'], exit: 0 });
}

const make = (runs: Runs, options: Partial<ProfileOptions> = {}) =>
  profileOf(runs, { dialect: 'docker', arch: 'x86_64', ...options });
const allowed = ({ profile }: ReturnType<typeof make>): readonly string[] =>
  profile.rules.filter(({ action }) => action === 'SCMP_ACT_ALLOW').flatMap(({ names }) => names);

describe('the smallest profile', () => {
  it('holds what was recorded, by purpose, and nothing else when that is asked for', () => {
    const { profile, additions } = make(recorded('write', 'socket', 'read', 'x86:brk'), { exact: true });
    expect(profile.rules.map(({ names, comment }) => [comment, names])).toEqual([
      ['recorded: files and directories', ['read', 'write']],
      ['recorded: memory', ['brk']],
      ['recorded: sockets', ['socket']],
    ]);
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(profile.archMap).toEqual([
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
    ]);
    expect(additions).toEqual([]);
  });

  it('adds what no run is sure to show, with the reason', () => {
    const made = make(recorded('read', 'mmap', 'restart_syscall'));
    expect(allowed(made)).toEqual(
      expect.arrayContaining(['rt_sigreturn', 'exit_group', 'clock_gettime', 'mremap']),
    );
    expect(made.additions.flatMap(({ names }) => names)).not.toContain('restart_syscall');
    for (const { names } of made.additions) expect(names).not.toContain('sigreturn');
    const rule = made.profile.rules.find(({ names }) => names.includes('rt_sigreturn'));
    expect(rule?.comment).toMatch(/^added: .*signal/);
    expect(made.fallBack).toContain('clone3');
  });

  it('adds the 32-bit forms where a 32-bit program was seen', () => {
    expect(allowed(make(recorded('x86:brk')))).toContain('sigreturn');
  });

  it('names each call once', () => {
    const names = make(recorded('read', 'clone', 'mmap', 'openat'), { portable: true }).profile.rules.flatMap(
      (rule) => rule.names,
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('cannot name a number without a name, and says so', () => {
    const runs = recorded('read');
    const calls = [...runs.calls, { abi: 'x86_64', number: 5000, count: 1 } as const];
    expect(make({ ...runs, calls }).notes.join()).toContain('0x1388');
  });
});

describe('--portable', () => {
  it('adds other forms of recorded calls, but no form of a call that was restricted by its arguments', () => {
    const runs = recorded(['openat', { 2: 0n }], 'newfstatat', 'epoll_wait');
    const asked = new Map([['openat', [2]]]);
    const made = make(runs, { portable: true, asked });
    expect(allowed(made)).toEqual(expect.arrayContaining(['stat', 'statx', 'epoll_pwait', 'fstatat64']));
    expect(allowed(made)).not.toContain('open');
    expect(allowed(made)).not.toContain('clone3');
    expect(made.notes.join()).toMatch(/\bopen\b.*left out/);
  });

  it('is for every native architecture', () => {
    expect(
      make(recorded('read'), { portable: true }).profile.archMap.map(({ architecture }) => architecture),
    ).toEqual(expect.arrayContaining(['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_S390X']));
    const oci = make(recorded('read'), { portable: true, dialect: 'oci' });
    expect(oci.profile).toMatchObject({ architectures: [], archMap: [] });
  });
});

describe('for a container', () => {
  const into = async (
    runs: Runs,
    target: Parameters<typeof resolveContext>[0],
    more: Partial<ContainerOptions> = {},
  ) => {
    const { context } = await resolveContext({ hostArch: 'x86_64', ...target });
    return profileFor(context, runs, {
      dialect: 'docker',
      noNewPrivileges: false,
      file: 'web.json',
      ...more,
    });
  };
  const FORK = { 0: 0x1200011n };
  const NEW_USER = { 0: 0x10000011n };

  it('the default’s conditions hold where the run kept them, so that nothing goes beyond it', async () => {
    const { comparison, profile } = await into(recorded('read', ['clone', FORK]), {
      engine: 'docker@28.5.2',
    });
    expect(comparison?.beyond).toEqual([]);
    expect(comparison?.percentFewer).toBeGreaterThan(70);
    const clone = profile.rules.filter(({ names }) => names.includes('clone'));
    expect(clone).toHaveLength(1);
    expect(clone[0]?.args).toEqual(
      (
        await defaultConditions(
          (
            await resolveContext({ engine: 'docker@28.5.2', hostArch: 'x86_64' })
          ).context,
        )
      ).get('clone')?.[0],
    );
  });

  it('what the run did beyond them is told exactly', async () => {
    const { comparison } = await into(recorded(['clone', FORK, NEW_USER]), { engine: 'docker@28.5.2' });
    expect(comparison?.beyond.map(({ syscall, when }) => `${syscall} ${when}`)).toEqual([
      expect.stringMatching(/^clone .*CLONE_NEWUSER/),
    ]);
  });

  it('clone3 is told as beyond, and is answered with ENOSYS on request', async () => {
    const runs = recorded('clone3', 'read');
    expect(
      (await into(runs, { engine: 'docker@28.5.2' })).comparison?.beyond.map(({ syscall }) => syscall),
    ).toEqual(['clone3']);
    const without = await into(runs, { engine: 'docker@28.5.2' }, { clone3: false });
    expect(without.comparison?.beyond).toEqual([]);
    expect(without.fallBack).toContain('clone3');
    expect(allowed(without)).toContain('clone');
    expect(without.notes).toEqual([]);
  });

  it('the runtime’s own calls are added, without no_new_privs', async () => {
    const runs = recorded('read');
    expect(allowed(await into(runs, { runtime: 'runc@1.1.5' }))).toContain('capset');
    expect(allowed(await into(runs, { runtime: 'runc@1.1.5' }, { noNewPrivileges: true }))).not.toContain(
      'capset',
    );
    expect(allowed(await into(runs, { runtime: 'crun@1.8.1' }))).toContain('setresuid');
  });

  it('a call that libseccomp does not know is told', async () => {
    const made = await into(recorded('mseal'), { engine: 'docker@28.5.2', libseccomp: '2.5.5' });
    expect(made.notes.join()).toMatch(/mseal: denied all the same/);
  });

  it('a SeccompProfile holds no value that Kubernetes does not', async () => {
    const runs = recorded(['clone', FORK], ['lseek', { 1: 2n ** 64n - 1n }]);
    const asked = new Map([
      ['clone', [0]],
      ['lseek', [1]],
    ]);
    const { text } = await into(runs, {}, { dialect: 'spo', asked, file: 'x.yaml' });
    const values = [...text.matchAll(/value(?:Two)?: (\d+)/g)].map(([, digits = '']) => BigInt(digits));
    expect(values).toHaveLength(4);
    for (const value of values) expect(value).toBeLessThan(2n ** 63n);
  });

  for (const dialect of ['docker', 'oci', 'spo'] as const)
    it(`${dialect} says the same`, async () => {
      const runs = recorded('read', ['clone', FORK], ['socket', { 0: 1n, 1: 1n }]);
      const asked = new Map([['socket', [0, 1]]]);
      const made = await into(runs, { engine: 'docker@28.5.2' }, { dialect, asked, file: 'my web_app.yaml' });
      const docker = await into(runs, { engine: 'docker@28.5.2' }, { asked });
      expect(made.prediction.policy).toEqual(docker.prediction.policy);
      if (dialect === 'spo') {
        expect(made.text).toMatch(/^ {2}name: my-web-app$/m);
        expect(made.text).toMatch(/^ +# recorded: family == AF_UNIX && type == SOCK_STREAM$/m);
      }
    });
});

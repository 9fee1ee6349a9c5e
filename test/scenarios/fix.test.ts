import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { inProcess } from '../cli/inProcess.js';

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly written: ReadonlyMap<string, string>;
}

/** The command with files that are only in memory. */
async function callgate(
  words: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const written = new Map<string, string>();
  const {
    status: code,
    out,
    err,
  } = await inProcess(words, {
    read: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`the test has no file ${path}`);
      return new TextEncoder().encode(text);
    },
    write: (path, content) => void written.set(path, content.toString()),
    env: {},
  });
  return { code, out, err, written };
}

const ARCH = ['--arch', 'x86_64'];
const PERSONALITY = ['fix', 'personality(0x40000)', '--engine', 'docker@28.5.2', ...ARCH];

describe('fix, written and proved again by prove and diff', () => {
  it('personality(0x40000): nothing but this value', async () => {
    const { code, out, written } = await callgate([...PERSONALITY, '-o', 'fixed.json']);
    expect(code).toBe(0);
    expect(out).toContain(
      'Remedy 1 is written to fixed.json: docker run --security-opt seccomp=fixed.json IMAGE',
    );
    const files = { 'fixed.json': written.get('fixed.json') ?? '' };
    const engine = ['--engine', 'docker@28.5.2', ...ARCH];
    const diff = await callgate(
      ['diff', 'docker@28.5.2', 'fixed.json', ...engine, '--format', 'json'],
      files,
    );
    const { widened, narrowed, changes } = JSON.parse(diff.out);
    expect({ widened, narrowed }).toEqual({ widened: ['personality'], narrowed: [] });
    expect(changes[0]).toMatchObject({ abi: 'x86_64', widened: { count: '1', of: (1n << 64n).toString() } });
    const within = await callgate(['prove', 'docker@28.5.2', '--within', 'fixed.json', ...engine], files);
    expect(within.code).toBe(0);
    const beyond = await callgate(
      ['prove', 'fixed.json', '--within', 'docker@28.5.2', ...engine, '--format', 'json'],
      files,
    );
    expect(beyond.code).toBe(1);
    expect(JSON.parse(beyond.out).counterexample).toMatchObject({ syscall: 'personality' });
  });

  it('io_uring: the widening is that set', async () => {
    const calls = ['io_uring_setup', 'io_uring_enter', 'io_uring_register'];
    const engine = ['--engine', 'docker@25.0.0', ...ARCH];
    const { written } = await callgate(['fix', ...calls, ...engine, '-o', 'fixed.json']);
    const files = { 'fixed.json': written.get('fixed.json') ?? '' };
    const diff = await callgate(
      ['diff', 'docker@25.0.0', 'fixed.json', ...engine, '--format', 'json'],
      files,
    );
    const { widened, narrowed, unknownNumbers } = JSON.parse(diff.out);
    expect(widened).toEqual(calls);
    expect(narrowed).toEqual([]);
    expect(unknownNumbers).toBeUndefined();
    // With those three taken away again it is the default, every call and every argument.
    const back = await callgate(
      ['extend', 'fixed.json', '--deny', calls.join(), ...engine, '-o', 'back.json'],
      files,
    );
    const equal = await callgate(['prove', 'back.json', '--equals', 'docker@25.0.0', ...engine], {
      'back.json': back.written.get('back.json') ?? '',
    });
    expect(equal.code).toBe(0);
  });
});

describe('fix --format', () => {
  const form = async (...words: readonly string[]) => (await callgate([...PERSONALITY, ...words])).out;

  it('json has the proof, the forms and the whole profile of each remedy', async () => {
    const { remedies, proved, calls } = JSON.parse(await form('--format', 'json'));
    expect(proved).toBe(true);
    expect(calls).toMatchObject([
      { syscall: 'personality', args: ['0x40000', null, null, null, null, null] },
    ]);
    expect(remedies[0]).toMatchObject({
      kind: 'profile-rule',
      opens: { count: 1, calls: ['personality'] },
      narrows: [],
      refusesOtherwise: [],
      widensUnknownNumbers: false,
      profile: { defaultAction: 'SCMP_ACT_ERRNO', archMap: expect.any(Array) },
    });
    expect(
      remedies[0].widens.map(({ abi, count }: { abi: string; count: string }) => `${abi} ${count}`),
    ).toEqual(['x86_64 1', `x86 ${1n << 32n}`, `x32 ${1n << 32n}`]);
    expect(remedies.at(-1).kind).toBe('unconfined');
  });

  it('docker-run', async () => {
    expect(await form('--format', 'docker-run')).toBe('docker run --security-opt seccomp=fixed.json IMAGE\n');
    expect(await form('--format', 'docker-run', '--remedy', '3')).toBe(
      'docker run --security-opt seccomp=unconfined IMAGE\n',
    );
  });

  it('compose', async () => {
    expect(parse(await form('--format', 'compose'))).toEqual({
      services: { app: { security_opt: ['seccomp=./fixed.json'] } },
    });
    const { out } = await callgate(['fix', 'get_mempolicy', '--format', 'compose', '--remedy', '2', ...ARCH]);
    expect(parse(out)).toEqual({ services: { app: { cap_add: ['SYS_NICE'] } } });
  });

  it('daemon', async () => {
    expect(JSON.parse(await form('--format', 'daemon'))).toEqual({
      'seccomp-profile': '/etc/docker/fixed.json',
    });
  });

  it('pod, with a profile that containerd reads', async () => {
    const words = ['fix', 'mbind', '--engine', 'containerd@1.7.20', ...ARCH, '-o', 'mbind.json'];
    const { out, written } = await callgate([...words, '--format', 'pod']);
    expect(parse(out).spec.containers[0].securityContext).toEqual({
      seccompProfile: { type: 'Localhost', localhostProfile: 'mbind.json' },
    });
    const profile = JSON.parse(written.get('mbind.json') ?? '');
    expect(Object.keys(profile)).toEqual(['defaultAction', 'architectures', 'syscalls']);
    expect(profile.syscalls[0]).toEqual({ names: ['mbind'], action: 'SCMP_ACT_ALLOW' });
  });

  it('profile, as the release wrote them then', async () => {
    const { out } = await callgate([
      'fix',
      'mbind',
      '--engine',
      'docker@1.12.0',
      '--format',
      'profile',
      ...ARCH,
    ]);
    const { syscalls } = JSON.parse(out);
    expect(syscalls[0]).toEqual({ name: 'mbind', action: 'SCMP_ACT_ALLOW' });
  });
});

const CONTEXT = {
  engine: { name: 'docker', version: '27.5.1' },
  runtime: { name: 'runc', version: '1.2.4' },
  libseccomp: '2.5.5',
  kernel: '6.6',
  arch: 'x86_64',
  capabilities: ['CAP_CHOWN'],
  privileged: false,
  seccomp: 'default',
};

function report(denials: readonly object[], context: object = CONTEXT): Readonly<Record<string, string>> {
  return { 'run.json': JSON.stringify({ schemaVersion: 1, context, denials }) };
}

const denial = (syscall: string, number: number, args: Readonly<Record<string, string>>): object => ({
  syscall,
  number,
  abi: 'x86_64',
  args: Object.entries(args).map(([name, value]) => ({ name, value, text: value })),
  verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM' },
  count: 1,
});

describe('fix --report', () => {
  it('takes the report’s container, keeps arguments that choose, and leaves what callers cope with', async () => {
    const files = report([
      denial('unshare', 272, { unshare_flags: '0x10000000' }),
      denial('get_mempolicy', 239, {
        policy: '0x7ffd0000',
        nmask: '0x5500',
        maxnode: '0x401',
        addr: '0x0',
        flags: '0x0',
      }),
      denial('get_mempolicy', 239, {
        policy: '0x7ffd1111',
        nmask: '0x5511',
        maxnode: '0x401',
        addr: '0x0',
        flags: '0x0',
      }),
      denial('clone3', 435, { uargs: '0x7ffd0000', size: '0x58' }),
    ]);
    const { out, code } = await callgate(['fix', '--report', 'run.json', '--format', 'json'], files);
    expect(code).toBe(0);
    const { calls, context, remedies } = JSON.parse(out);
    expect(context).toEqual(CONTEXT);
    expect(
      calls.map(
        ({ syscall, args, harmless }: { syscall: string; args: (string | null)[]; harmless: boolean }) => [
          syscall,
          ...args.filter((value) => value !== null),
          harmless,
        ],
      ),
    ).toEqual([
      ['unshare', '0x10000000', false],
      ['get_mempolicy', '0x0', false],
      ['clone3', true],
    ]);
    expect(remedies[0].opens.calls).toEqual(['get_mempolicy', 'unshare']);
    expect(remedies[0].widensExactly).toEqual([
      'get_mempolicy when flags == 0 on x86_64, x86, x32',
      'unshare when unshare_flags == CLONE_NEWUSER on x86_64, x86, x32',
    ]);
  });

  it('takes a call that was made with very many values for one with any', async () => {
    const values = Array.from({ length: 3000 }, (_, index) => `0x${(0x10000000 + index).toString(16)}`);
    const files = report(values.map((value) => denial('unshare', 272, { unshare_flags: value })));
    const { out } = await callgate(['fix', '--report', 'run.json', '--format', 'json'], files);
    const { calls, remedies } = JSON.parse(out);
    expect(calls).toHaveLength(1);
    expect(remedies[0].patch).toBe('{"names": ["unshare"], "action": "SCMP_ACT_ALLOW"}');
  });

  it('has nothing to do for a report without denials', async () => {
    expect(await callgate(['fix', '--report', 'run.json'], report([]))).toMatchObject({ code: 0 });
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['no JSON', { 'run.json': '{' }],
    ['another JSON', { 'run.json': '[]' }],
    ['no context', { 'run.json': '{"denials": []}' }],
    ['a denial that is none', report([{ syscall: 'read' }])],
    ['a denial of no ABI', report([{ syscall: 'read', number: 0, abi: 'vax', args: [] }])],
    ['a context that is none', report([], { engine: 'docker' })],
  ])('refuses %s', async (_, files) => {
    const { code, err } = await callgate(['fix', '--report', 'run.json'], files);
    expect(code).toBe(2);
    expect(err).toMatch(/run\.json/);
    expect(err).not.toMatch(/^ {4}at /m);
  });
});

describe('exit codes and errors', () => {
  test.each<[string, readonly string[], number, RegExp]>([
    ['nothing is denied', ['fix', 'read'], 0, /nothing to fix/],
    ['only no filter at all helps', ['fix', '0x3e7', '--engine', 'docker@28.5.2'], 1, /no filter at all/],
    ['no call', ['fix'], 2, /no call is named/],
    ['an unknown call', ['fix', 'mbnd'], 2, /did you mean mbind/],
    ['no such remedy', ['fix', 'mbind', '--remedy', '9'], 2, /there is no remedy 9/],
    ['no container', ['fix', 'mbind', '--like', 'unconfined'], 2, /no filter/],
    ['words that the form lacks', ['fix', 'read', '--format', 'compose'], 2, /nothing is denied/],
    ['an unknown preset', ['extend', 'docker', '--preset', 'nuna'], 2, /did you mean numa/],
    ['an unknown set', ['extend', 'docker', '--allow', '@mout'], 2, /did you mean @mount/],
    ['nothing to do', ['extend', 'docker'], 2, /nothing to allow or to deny/],
    ['no target', ['extend', '--allow', 'mbind'], 2, /which profile/],
    ['arguments to deny', ['extend', 'docker', '--deny', 'socket(AF_UNIX)'], 2, /denied by name/],
    ['sets and presets', ['extend', '--list'], 0, /@io-uring[\s\S]*agent-sandbox/],
  ])('%s', async (_, words, code, text) => {
    const result = await callgate([...words, ...ARCH]);
    expect(result.out + result.err).toMatch(text);
    expect(result.code).toBe(code);
  });
});

import { describe, expect, test } from 'vitest';
import type { ContextInput } from '../../src/engine/contextInput.js';
import { type ResolvedContext, resolveContext } from '../../src/engine/resolveContext.js';
import { parseContextTarget } from '../../src/engine/target.js';
import { CallgateError } from '../../src/error.js';
import { readProfile } from '../../src/profile/read.js';

const profile = readProfile('{"defaultAction": "SCMP_ACT_ALLOW"}', 'p.json');

/** Engine, runtime, libseccomp, kernel, arch and seccomp in one line. */
function line({ context }: ResolvedContext): string {
  const { engine, runtime, libseccomp, kernel, arch, seccomp } = context;
  return `${engine.name} ${engine.version}, ${runtime.name} ${runtime.version}, ${libseccomp}, linux ${kernel}, ${arch}, ${seccomp.kind}`;
}

const rows: readonly (readonly [ContextInput, string, readonly string[]])[] = [
  [{}, 'docker 29.7.2, runc 1.4.3, 2.6.0, linux 7.2, x86_64, default', []],
  [{ engine: 'docker@20.10.9' }, 'docker 20.10.9, runc 1.0.1, 2.5.1, linux 7.2, x86_64, default', []],
  [{ engine: 'docker@24.0.9' }, 'docker 24.0.9, runc 1.1.12, 2.5.4, linux 7.2, x86_64, default', []],
  [{ engine: 'docker@28' }, 'docker 28.5.2, runc 1.3.3, 2.5.6, linux 7.2, x86_64, default', ['newest-of']],
  [
    { engine: 'docker@v17.03.0' },
    // Its runc is a commit of a private fork; a newer release would answer ENOSYS where it did not.
    'docker 17.03.0-ce, runc 1.0.0-rc2, 2.6.1, linux 7.2, x86_64, default',
    ['assumption', 'assumption'],
  ],
  [
    { engine: 'docker@18.06.3', libseccomp: '2.3.3' },
    'docker 18.06.3-ce, runc 1.0.0-rc5, 2.3.3, linux 7.2, x86_64, default',
    ['assumption'],
  ],
  [
    { engine: 'docker@1.10.0', libseccomp: '2.2.3' },
    'docker 1.10.0, runc 0.0.9, 2.2.3, linux 7.2, x86_64, default',
    ['assumption'],
  ],
  [
    { engine: 'docker@27.5.99', nearest: true },
    'docker 27.5.1, runc 1.2.4, 2.5.5, linux 7.2, x86_64, default',
    ['nearest'],
  ],
  [
    {
      engine: 'docker@20.10.9',
      runtime: 'runc@1.0.2',
      libseccomp: '2.5.1',
      kernel: '5.15.0-91-generic',
      arch: 'arm64',
    },
    'docker 20.10.9, runc 1.0.2, 2.5.1, linux 5.15.0, aarch64, default',
    [],
  ],
  [
    { engine: 'docker@28.5.2', runtime: 'crun' },
    'docker 28.5.2, crun 1.29.1, 2.6.1, linux 7.2, x86_64, default',
    ['assumption', 'assumption'],
  ],
  [
    { engine: 'podman@5.8.2', runtime: 'crun@1.8.0' },
    'podman 5.8.2, crun 1.8, 2.6.1, linux 7.2, x86_64, default',
    ['assumption'],
  ],
  [
    { engine: 'podman@5.8.2' },
    'podman 5.8.2, crun 1.29.1, 2.6.1, linux 7.2, x86_64, default',
    ['assumption', 'assumption'],
  ],
  [
    { engine: 'cri-o@1.30.0', libseccomp: '2.5.5' },
    'cri-o 1.30.0, runc 1.5.1, 2.5.5, linux 7.2, x86_64, default',
    ['assumption'],
  ],
  [
    { engine: 'cri-o@1.31.0', libseccomp: '2.5.5' },
    'cri-o 1.31.0, crun 1.29.1, 2.5.5, linux 7.2, x86_64, default',
    ['assumption'],
  ],
  [{ engine: 'containerd@1.7.13' }, 'containerd 1.7.13, runc 1.1.12, 2.5.4, linux 7.2, x86_64, default', []],
  [
    { hostKernel: '6.18.5-1-amd64', hostArch: 'aarch64' },
    'docker 29.7.2, runc 1.4.3, 2.6.0, linux 6.18.5, aarch64, default',
    [],
  ],
  [{ hostKernel: '8.0.0' }, 'docker 29.7.2, runc 1.4.3, 2.6.0, linux 7.2, x86_64, default', ['nearest']],
  [
    { hostArch: 'aarch64', platform: 'linux/s390x' },
    'docker 29.7.2, runc 1.4.3, 2.6.0, linux 7.2, s390x, default',
    [],
  ],
  [
    { securityOpt: ['seccomp=unconfined'] },
    'docker 29.7.2, runc 1.4.3, 2.6.0, linux 7.2, x86_64, unconfined',
    [],
  ],
  [{ privileged: true }, 'docker 29.7.2, runc 1.4.3, 2.6.0, linux 7.2, x86_64, unconfined', []],
  [{ profile }, 'docker 29.7.2, runc 1.4.3, 2.6.0, linux 7.2, x86_64, profile', []],
  [{ profile, privileged: true }, 'docker 29.7.2, runc 1.4.3, 2.6.0, linux 7.2, x86_64, profile', []],
  [
    { profile, privileged: true, engine: 'docker@26.1.5' },
    'docker 26.1.5, runc 1.1.12, 2.5.4, linux 7.2, x86_64, unconfined',
    [],
  ],
  [
    { profile, engine: 'docker@1.10.3', libseccomp: '2.2.3', runtime: 'runc@0.1.0' },
    'docker 1.10.3, runc 0.1.0, 2.2.3, linux 7.2, x86_64, profile',
    [],
  ],
  [
    { like: parseContextTarget('docker@24.0.9+linux@6.6+arm64+unconfined'), kernel: '6.1' },
    'docker 24.0.9, runc 1.1.12, 2.5.4, linux 6.1, aarch64, unconfined',
    [],
  ],
];

test.each(rows)('%j', async (input, expected, notes) => {
  const resolved = await resolveContext(input);
  expect(line(resolved)).toBe(expected);
  expect(resolved.notes.map(({ kind }) => kind)).toEqual(notes);
});

test('capabilities come from both --like and the flags', async () => {
  const like = parseContextTarget('docker@28.5.2+SYS_ADMIN+-ALL');
  const { context } = await resolveContext({ like, capAdd: ['bpf'] });
  expect(context.capabilities).toEqual(['CAP_SYS_ADMIN', 'CAP_BPF']);
});

test('defaults are the engine’s', async () => {
  expect((await resolveContext({ engine: 'docker@28.5.2' })).context.capabilities).toHaveLength(14);
  expect((await resolveContext({ engine: 'podman@5.8.2' })).context.capabilities).toHaveLength(11);
  expect((await resolveContext({ engine: 'cri-o@1.36.3' })).context.capabilities).toHaveLength(9);
});

test('a file is read by the caller’s reader', async () => {
  const readProfileFile = (path: string): typeof profile => {
    expect(path).toBe('mine.json');
    return profile;
  };
  const { context, noNewPrivileges } = await resolveContext({
    securityOpt: ['seccomp=mine.json', 'no-new-privileges'],
    readProfile: readProfileFile,
  });
  expect(context.seccomp).toEqual({ kind: 'profile', profile });
  expect(noNewPrivileges).toBe(true);
});

describe('errors', () => {
  const errors: readonly (readonly [ContextInput, string, string])[] = [
    [
      { engine: 'docker@27.5.99' },
      'UNKNOWN',
      'docker 27.5.99 is not known; the nearest ones are 27.5.1 and 28.0.0; --nearest takes 27.5.1',
    ],
    [{ engine: 'docker@1.9' }, 'UNKNOWN', 'docker 1.9 is not known; the oldest one is 1.10.0'],
    [
      { engine: 'docker@99' },
      'UNKNOWN',
      'docker 99 is not known; the newest one is 29.7.2; --nearest takes it',
    ],
    [
      { runtime: 'runc@1.1.99' },
      'UNKNOWN',
      'runc 1.1.99 is not known; the nearest ones are 1.1.15 and 1.2.0-rc.1; --nearest takes 1.1.15',
    ],
    [
      { libseccomp: '2.5.9' },
      'UNKNOWN',
      'libseccomp 2.5.9 is not known; the nearest ones are 2.5.6 and 2.6.0; --nearest takes 2.5.6',
    ],
    [{ kernel: '99.1' }, 'UNKNOWN', 'linux 99.1 is not known; the newest one is 7.2; --nearest takes it'],
    [{ kernel: 'new' }, 'USAGE', '"new" is not a kernel release'],
    [{ engine: 'docker@latest' }, 'USAGE', '"latest" is not a version of docker'],
    [
      { engine: 'docker@5:28.5.2-1~debian.12~bookworm' },
      'USAGE',
      '"5:28.5.2-1~debian.12~bookworm" is not a version of docker; a package’s own numbers are left out: 28.5.2',
    ],
    [
      { engine: 'kubernetes' },
      'USAGE',
      'kubernetes leaves seccomp to its container runtime; write --engine containerd@VERSION or --engine cri-o@VERSION',
    ],
    [{ engine: 'runc@1.1.0' }, 'USAGE', '"runc@1.1.0" is not an engine'],
    [{ engine: 'docker+arm64' }, 'USAGE', '"docker+arm64" is not an engine'],
    [{ runtime: 'docker' }, 'USAGE', '"docker" is not a runtime'],
    [{ arch: 'vax' }, 'USAGE', 'no architecture is called vax'],
    [{ platform: 'windows/amd64' }, 'USAGE', 'windows/amd64: seccomp is Linux’s'],
    [
      { capAdd: ['SYS_ADMN'] },
      'INPUT',
      'docker 29.7.2: invalid CapAdd: unknown capability: "CAP_SYS_ADMN"; did you mean SYS_ADMIN?',
    ],
    [
      { engine: 'docker@18.06.0', capAdd: ['CAP_SYS_ADMIN'] },
      'INPUT',
      'docker 18.06.0-ce: Unknown capability to add: "CAP_CAP_SYS_ADMIN"; did you mean SYS_ADMIN?',
    ],
    [{ securityOpt: ['seccomp'] }, 'INPUT', 'docker 29.7.2: invalid --security-opt: "seccomp"'],
    [
      { securityOpt: ['seccomp=p.json'] },
      'USAGE',
      'the profile p.json cannot be read here; give the profile itself',
    ],
  ];
  test.each(['docker@17.06.0', 'docker@28.5.2', 'containerd@2.1.0'])(
    'a target’s capabilities are in callgate’s words, not in those of %s',
    async (engine) => {
      const { context, notes } = await resolveContext({ like: parseContextTarget(`${engine}+SYS_ADMIN`) });
      expect(context.capabilities).toContain('CAP_SYS_ADMIN');
      expect(notes.map(({ kind }) => kind)).not.toContain('capability-prefix');
    },
  );

  test.each(errors)('%j', async (input, code, message) => {
    const error: unknown = await resolveContext(input).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CallgateError);
    const { message: text, hint, code: own } = error as CallgateError;
    expect(hint === undefined ? text : `${text}; ${hint}`).toBe(message);
    expect(own).toBe(code);
  });
});

import { describe, expect, test } from 'vitest';
import { type Diagnosis, diagnose, findings } from '../../src/linux/doctor/doctor.js';
import type { InstalledEngine, InstalledRuntime } from '../../src/linux/host/installed.js';
import { describeWithOracle, isRoot } from '../oracle.js';

const HOST = { seccomp: true, actions: ['kill_process', 'errno', 'user_notif', 'log', 'allow'] };
const runc = (parts: Partial<InstalledRuntime> = {}): InstalledRuntime => ({
  name: 'runc',
  path: '/usr/sbin/runc',
  version: '1.1.5',
  seccomp: true,
  libseccomp: { version: '2.5.4', linkage: 'static' },
  features: undefined,
  ...parts,
});
const docker = (profile: string | undefined): InstalledEngine => ({
  name: 'docker',
  version: '28.5.2',
  daemon: 'running',
  runtime: 'runc',
  profile,
});

describe('what stands in the way of a profile', () => {
  test.each<[string, readonly string[], RegExp | undefined]>([
    ['nothing', findings(HOST, [runc()], [docker('builtin')]), undefined],
    [
      'a kernel without filters',
      findings({ seccomp: false, actions: [] }, [runc()], []),
      /^the kernel has no seccomp filters .*seccomp is not enabled in your kernel, cannot run a custom seccomp profile/,
    ],
    [
      'runc without seccomp',
      findings(HOST, [runc({ seccomp: false, libseccomp: undefined })], []),
      /^runc 1\.1\.5 was built without seccomp: .*seccomp: config provided but seccomp not supported/,
    ],
    [
      'crun without seccomp',
      findings(HOST, [runc({ name: 'crun', seccomp: false })], []),
      /^crun 1\.1\.5 was built without seccomp$/,
    ],
    [
      'an old kernel',
      findings({ seccomp: true, actions: ['errno', 'allow', 'log'] }, [runc()], []),
      /^the kernel does not know the actions kill_process, user_notif:/,
    ],
    [
      'a daemon without a profile',
      findings(HOST, [runc()], [docker('unconfined')]),
      /^docker applies no profile/,
    ],
    [
      'a daemon with one of its own',
      findings(HOST, [runc()], [docker('/etc/p.json')]),
      /^docker’s daemon applies \/etc\/p\.json/,
    ],
    [
      'a flag that is known and not supported',
      findings(
        HOST,
        [
          runc({
            features: {
              enabled: true,
              actions: [],
              archs: [],
              knownFlags: ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_TSYNC'],
              supportedFlags: ['SECCOMP_FILTER_FLAG_TSYNC'],
            },
          }),
        ],
        [],
      ),
      /knows SECCOMP_FILTER_FLAG_LOG, and/,
    ],
  ])('%s', (_, found, expected) => {
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(expected)]);
  });
});

const lacks = process.platform !== 'linux' ? 'Linux' : isRoot ? undefined : 'root';

describeWithOracle(lacks, 'this host', () => {
  const works = ({ abilities }: Diagnosis): object =>
    Object.fromEntries(abilities.map((ability) => [ability.name, ability.works]));

  test('as root everything is tried and works', async () => {
    const found = await diagnose();
    expect(works(found)).toEqual({
      run: true,
      capabilities: true,
      report: true,
      dump: true,
      record: true,
      watch: true,
    });
    expect(found.host.seccomp).toBe(true);
    const report = found.abilities.find(({ name }) => name === 'report');
    const [major = 0, minor = 0] = found.host.kernel.split('.').map(Number);
    // It came with Linux 6.6 (kernel/seccomp.c: seccomp_notify_set_flags).
    if (major > 6 || (major === 6 && minor >= 6))
      expect(report?.detail).toBe('user notification with SYNC_WAKE_UP');
  });
});

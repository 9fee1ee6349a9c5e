import { describe, expect, test } from 'vitest';
import { inProcess } from './inProcess.js';

const run = (...argv: readonly string[]) => inProcess(argv);

const DOCKER = ['--engine', 'docker@28.5.2', '--arch', 'x86_64', '--kernel', '6.12'];
const ADMIN = [...DOCKER, '--cap-add', 'SYS_ADMIN'];

describe('why names the layer', () => {
  test('in a table, in the order in which it is asked', async () => {
    const { out } = await run('why', 'mount', ...ADMIN, '--security-opt', 'apparmor=docker-default');
    expect(out).toMatch(/✓ allowed, then EACCES from AppArmor/);
    const table = /Layers, in the order in which they are asked\n([\s\S]*?)\n\n/.exec(out)?.[1] ?? '';
    expect(table.match(/^ {2}\S+ +[✓✗?] \S+/gm)).toEqual([
      '  seccomp         ✓ passes',
      '  apparmor        ✗ EACCES',
      '  capability      ✓ passes',
    ]);
  });

  test.each<[string, readonly string[], string, string]>([
    ['mount', [...ADMIN, '--security-opt', 'apparmor=unconfined'], 'runs', 'kernel'],
    ['mount', DOCKER, 'EPERM', 'seccomp'],
    ['settimeofday', [...DOCKER, '--cap-add', 'SYS_TIME'], 'runs', 'kernel'],
    ['settimeofday', [...DOCKER, '--cap-add', 'SYS_TIME', '--userns', 'private'], 'EPERM', 'capability'],
    ['settimeofday', [...DOCKER, '--cap-add', 'SYS_TIME', '--userns', 'host'], 'runs', 'kernel'],
    ['chroot', [...DOCKER, '--user', '1000:1000'], 'EPERM', 'capability'],
    ['chroot', [...DOCKER, '--user', '0:1000'], 'runs', 'kernel'],
    ['chroot', [...DOCKER, '--user', 'root'], 'runs', 'kernel'],
    [
      'userfaultfd(0)',
      [...DOCKER, '--security-opt', 'seccomp=unconfined', '--sysctl', 'vm.unprivileged_userfaultfd=0'],
      'EPERM',
      'sysctl',
    ],
    [
      'userfaultfd(0)',
      [...DOCKER, '--security-opt', 'seccomp=unconfined', '--sysctl', 'vm/unprivileged_userfaultfd=1'],
      'runs',
      'kernel',
    ],
    [
      'unshare(CLONE_NEWUSER)',
      ['--engine', 'podman@5.8.2', '--sysctl', 'user.max_user_namespaces=0'],
      'ENOSPC',
      'user-namespace',
    ],
    ['openat(AT_FDCWD, "/proc/sys/kernel/domainname", O_WRONLY)', DOCKER, 'EROFS', 'path'],
    ['statmount', [...DOCKER.slice(0, 4), '--kernel', '6.1'], 'ENOSYS', 'kernel'],
  ])('%s %j → %s by %s', async (call, flags, result, by) => {
    const { out } = await run('why', call, ...flags, '--format', 'json');
    expect(JSON.parse(out).effect).toEqual({ result, by });
  });

  test('in JSON with condition and source', async () => {
    const { out } = await run('why', 'mount', ...ADMIN, '--format', 'json');
    const { layers } = JSON.parse(out);
    expect(layers[1]).toEqual({
      layer: 'apparmor',
      verdict: 'depends',
      errno: 'EACCES',
      detail: 'docker-default denies it',
      when: 'AppArmor is enabled on the host',
      source: expect.stringMatching(/path_mount.*moby/),
    });
  });

  test('and not where the filter is the only one', async () => {
    expect((await run('why', 'getpid', ...DOCKER)).out).not.toMatch(/Layers/);
  });

  test('a setting without a value is refused', async () => {
    const { status, err } = await run('why', 'bpf', ...DOCKER, '--sysctl', 'kernel.x');
    expect(status).toBe(2);
    expect(err).toMatch(/--sysctl kernel\.x has no value/);
  });
});

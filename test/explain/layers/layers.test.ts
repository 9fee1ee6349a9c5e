import { describe, expect, it } from 'vitest';
import type { ContextInput } from '../../../src/engine/contextInput.js';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import type { LayerFacts } from '../../../src/explain/layers/facts.js';
import type { Layer } from '../../../src/explain/layers/layer.js';
import { why } from '../../../src/explain/why.js';
import { parseCall } from '../../../src/syscalls/call.js';

const ask = async (call: string, input: ContextInput, facts: LayerFacts = {}) => {
  const { context } = await resolveContext({ arch: 'x86_64', kernel: '6.12', ...input });
  return why(parseCall(call, 'x86_64'), context, facts);
};

const line = ({ layer, verdict, errno }: Layer): string =>
  [layer, verdict, ...(errno === undefined ? [] : [errno])].join(' ');

const unconfined = ['seccomp=unconfined'];
const setting = (name: string, value: string | undefined): LayerFacts => ({
  sysctls: new Map([[name, value]]),
});
const SECCOMP = 'seccomp passes';
const NET = 'net.ipv4.ip_unprivileged_port_start';

describe('the layers, in the order in which the kernel asks', () => {
  it.each<[string, ContextInput, LayerFacts, readonly string[]]>([
    // AppArmor comes before the capability in mount(2), after it in the calls of the newer interface.
    [
      'mount',
      { engine: 'docker@28.5.2' },
      {},
      ['seccomp denies EPERM', 'apparmor depends EACCES', 'capability denies EPERM'],
    ],
    [
      'mount',
      { engine: 'docker@28.5.2', capAdd: ['SYS_ADMIN'] },
      {},
      [SECCOMP, 'apparmor depends EACCES', 'capability passes'],
    ],
    [
      'mount',
      { engine: 'docker@28.5.2', capAdd: ['SYS_ADMIN'] },
      { apparmor: true },
      [SECCOMP, 'apparmor denies EACCES', 'capability passes'],
    ],
    [
      'mount',
      { engine: 'docker@28.5.2', capAdd: ['SYS_ADMIN'] },
      { apparmor: false },
      [SECCOMP, 'capability passes'],
    ],
    [
      'mount',
      { engine: 'docker@28.5.2', capAdd: ['SYS_ADMIN'] },
      { apparmorProfile: 'unconfined' },
      [SECCOMP, 'capability passes'],
    ],
    [
      'mount',
      { engine: 'docker@28.5.2', capAdd: ['SYS_ADMIN'] },
      { apparmorProfile: 'docker-default' },
      [SECCOMP, 'apparmor denies EACCES', 'capability passes'],
    ],
    [
      'mount',
      { engine: 'docker@28.5.2', capAdd: ['SYS_ADMIN'] },
      { apparmorProfile: 'mine' },
      [SECCOMP, 'apparmor depends EACCES', 'capability passes'],
    ],
    [
      'mount',
      { engine: 'docker@28.5.2', privileged: true },
      { apparmor: true },
      [SECCOMP, 'capability passes'],
    ],
    [
      'pivot_root',
      { engine: 'containerd@1.7.27', securityOpt: unconfined },
      { apparmor: true },
      [SECCOMP, 'capability denies EPERM', 'apparmor denies EACCES'],
    ],
    [
      'move_mount',
      { engine: 'docker@28.5.2', securityOpt: unconfined },
      { apparmor: true },
      [SECCOMP, 'capability denies EPERM', 'apparmor denies EACCES'],
    ],
    [
      'move_mount',
      { engine: 'docker@28.5.2', securityOpt: unconfined, kernel: '6.6' },
      { apparmor: true },
      [SECCOMP, 'capability denies EPERM'],
    ],
    // The AF_ALG rule of Docker's template.
    ['socket(AF_ALG, SOCK_SEQPACKET, 0)', { engine: 'docker@28.5.2' }, { apparmor: true }, [SECCOMP]],
    [
      'socket(AF_ALG, SOCK_SEQPACKET, 0)',
      { engine: 'docker@29.7.2', securityOpt: unconfined },
      { apparmor: true },
      [SECCOMP, 'apparmor denies EACCES'],
    ],
    // Settings that Docker gives its containers, and a caller's word that wins.
    ['bind', { engine: 'docker@19.03.15', capDrop: ['ALL'] }, {}, [SECCOMP, 'sysctl depends EACCES']],
    ['bind', { engine: 'docker@28.5.2', capDrop: ['ALL'] }, {}, [SECCOMP]],
    [
      'bind',
      { engine: 'docker@28.5.2', capDrop: ['ALL'] },
      setting(NET, '1024'),
      [SECCOMP, 'sysctl depends EACCES'],
    ],
    // Releases of the kernel.
    [
      'bpf(BPF_OBJ_GET)',
      { engine: 'docker@28.5.2', securityOpt: unconfined, kernel: '5.15' },
      setting('kernel.unprivileged_bpf_disabled', '1'),
      [SECCOMP, 'sysctl denies EPERM'],
    ],
    [
      'bpf(BPF_OBJ_GET)',
      { engine: 'docker@28.5.2', securityOpt: unconfined },
      setting('kernel.unprivileged_bpf_disabled', '1'),
      [SECCOMP],
    ],
    [
      'bpf(BPF_PROG_LOAD)',
      { engine: 'docker@28.5.2', securityOpt: unconfined, kernel: '5.4', capAdd: ['SYS_ADMIN'] },
      setting('kernel.unprivileged_bpf_disabled', '1'),
      [SECCOMP, 'sysctl passes'],
    ],
    [
      'fanotify_init(0x200)',
      { engine: 'docker@28.5.2', securityOpt: unconfined, kernel: '5.10' },
      {},
      [SECCOMP, 'capability denies EPERM'],
    ],
    ['fanotify_init(0x200)', { engine: 'docker@28.5.2', securityOpt: unconfined }, {}, [SECCOMP]],
    [
      'io_uring_setup',
      { engine: 'docker@28.5.2', securityOpt: unconfined, kernel: '5.0' },
      {},
      [SECCOMP, 'kernel denies ENOSYS'],
    ],
    // A setting that this kernel does not have asks nothing; one that allows passes.
    [
      'unshare(CLONE_NEWUSER)',
      { engine: 'podman@5.8.2' },
      setting('kernel.unprivileged_userns_clone', undefined),
      [SECCOMP, 'user-namespace depends ENOSPC', 'user-namespace depends EPERM', 'user-namespace depends'],
    ],
    [
      'init_module',
      { engine: 'docker@28.5.2', capAdd: ['SYS_MODULE'] },
      setting('kernel.modules_disabled', '0'),
      [SECCOMP, 'capability passes', 'sysctl passes'],
    ],
    // A user namespace of its own, and a process that is not root's.
    [
      'settimeofday',
      { engine: 'podman@5.8.2', capAdd: ['SYS_TIME'] },
      { userNamespace: 'own' },
      [SECCOMP, 'capability denies EPERM'],
    ],
    [
      'sethostname',
      { engine: 'podman@5.8.2', capAdd: ['SYS_ADMIN'] },
      { userNamespace: 'own' },
      [SECCOMP, 'capability passes'],
    ],
    ['chroot', { engine: 'docker@28.5.2' }, { user: 'other' }, [SECCOMP, 'capability denies EPERM']],
    // Without root Podman applies no AppArmor profile, and whether it has root is not said.
    [
      'mount',
      { engine: 'podman@5.8.2', capAdd: ['SYS_ADMIN'] },
      { apparmor: true },
      [SECCOMP, 'apparmor denies EACCES', 'capability passes'],
    ],
    [
      'mount',
      { engine: 'podman@5.8.2', capAdd: ['SYS_ADMIN'] },
      { apparmor: true, userNamespace: 'own' },
      [SECCOMP, 'apparmor depends EACCES', 'capability passes', 'capability depends EPERM'],
    ],
    // Arguments that are not given are conditions.
    [
      'unshare',
      { engine: 'docker@28.5.2', securityOpt: unconfined, kernel: '4.4' },
      {},
      [
        SECCOMP,
        'sysctl depends EPERM',
        'user-namespace depends EPERM',
        'user-namespace depends',
        'capability depends EPERM',
      ],
    ],
    ['mknod(_, S_IFREG)', { engine: 'docker@28.5.2', capDrop: ['MKNOD'] }, {}, [SECCOMP]],
    [
      'mknod(_, S_IFCHR, 0x103)',
      { engine: 'docker@28.5.2', capDrop: ['MKNOD'] },
      {},
      [SECCOMP, 'capability denies EPERM', 'devices depends EPERM'],
    ],
    ['getpid', { engine: 'docker@28.5.2' }, {}, [SECCOMP]],
    [
      'socket',
      { engine: 'docker@28.5.2', capDrop: ['ALL'] },
      {},
      [
        'seccomp depends',
        'capability depends EPERM',
        'capability depends EPERM',
        'capability depends EPERM',
        'capability depends EPERM',
      ],
    ],
  ])('%s in %o, given %o', async (call, input, facts, lines) => {
    const { layers } = await ask(call, input, facts);
    expect(layers?.map(line)).toEqual(lines);
  });

  it('the first that denies for certain is the effect', async () => {
    const input = { engine: 'docker@28.5.2', capAdd: ['SYS_ADMIN'] };
    expect((await ask('mount', input)).effect).toEqual({ result: 'runs', by: 'kernel' });
    expect((await ask('mount', input, { apparmor: true })).effect).toEqual({
      result: 'EACCES',
      by: 'apparmor',
    });
    expect((await ask('mount', { engine: 'docker@28.5.2' }, { apparmor: true })).effect).toEqual({
      result: 'EPERM',
      by: 'seccomp',
    });
  });

  it('says whose user namespace a capability must come from', async () => {
    const asked = async (facts: LayerFacts) =>
      (await ask('settimeofday', { engine: 'docker@28.5.2', capAdd: ['SYS_TIME'] }, facts)).layers?.at(-1)
        ?.detail;
    expect(await asked({})).toMatch(/in the host’s user namespace; with one of its own it would be denied/);
    expect(await asked({ userNamespace: 'initial' })).toBe('the container has CAP_SYS_TIME');
    expect(await asked({ userNamespace: 'own' })).toMatch(/needs CAP_SYS_TIME in the host’s user namespace/);
  });
});

describe('remedies for the filter alone', () => {
  const notes = async (call: string, facts: LayerFacts = {}) => {
    const { remedies } = await ask(call, { engine: 'docker@28.5.2' }, facts);
    return remedies.map(({ kind, note }) => [kind, note ?? '']);
  };
  const LACKS = 'capability: EPERM, needs CAP_SYS_ADMIN, which the container does not have';

  it('say what still denies', async () => {
    expect(await notes('fsopen', { apparmor: false })).toEqual([
      ['profile-rule', `not enough by itself; then ${LACKS}`],
      ['capability', ''],
      ['unconfined', `not enough by itself; then ${LACKS}`],
    ]);
    const found = new Map((await notes('mount')) as [string, string][]);
    expect(found.get('capability')).toBe(
      'then apparmor: EACCES, docker-default denies it, if AppArmor is enabled on the host',
    );
    expect((await notes('mount', { apparmor: true })).map(([, note]) => note)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^not enough by itself; then apparmor: EACCES/)]),
    );
  });

  it('say what may deny, where arguments that are not given decide', async () => {
    const [[, note] = []] = await notes('unshare');
    expect(note).toMatch(
      /^then capability: EPERM, needs CAP_SYS_ADMIN.*, if unshare_flags has CLONE_NEWNS or /,
    );
    expect((await notes('unshare(CLONE_NEWUSER)'))[0]).toEqual(['profile-rule', '']);
  });

  it('say nothing where nothing is in the way', async () => {
    expect((await notes('keyctl(KEYCTL_GET_KEYRING_ID)')).filter(([, note]) => note !== '')).toEqual([]);
    // That a program may ask clone3 for a namespace is no word against a remedy for its threads.
    expect((await notes('clone3')).filter(([, note]) => note !== '')).toEqual([]);
    expect((await notes('get_mempolicy')).filter(([, note]) => note !== '')).toEqual([]);
  });
});

describe('paths', () => {
  const open = (path: string, flags: string, input: ContextInput = {}, facts: LayerFacts = {}) =>
    ask(`openat(AT_FDCWD, _, ${flags})`, { engine: 'docker@28.5.2', ...input }, { path, ...facts });

  it.each<[string, string, ContextInput, readonly string[]]>([
    ['/proc/kcore', 'O_RDONLY', {}, ['path denies']],
    ['/proc/keys', 'O_RDONLY', { engine: 'docker@17.12.1-ce' }, []],
    ['/proc/keys', 'O_RDONLY', { engine: 'docker@18.03.0-ce' }, ['path denies']],
    ['/sys/firmware/acpi', 'O_RDONLY', {}, ['path denies ENOENT']],
    ['/sys/devices/virtual/powercap/intel-rapl', 'O_RDONLY', { engine: 'docker@24.0.6' }, []],
    [
      '/sys/devices/virtual/powercap/intel-rapl',
      'O_RDONLY',
      { engine: 'docker@24.0.7' },
      ['path denies ENOENT'],
    ],
    ['/sys/devices/system/cpu/cpu0/thermal_throttle', 'O_RDONLY', {}, ['path denies']],
    ['/proc/sys/kernel/core_pattern', 'O_RDONLY', {}, []],
    ['/proc/sys/kernel/core_pattern', 'O_WRONLY', {}, ['path denies EROFS', 'apparmor depends EACCES']],
    ['/proc/sys/kernel/shmmax', 'O_WRONLY', {}, ['path denies EROFS']],
    ['/proc/sys/kernel/core_pattern', 'O_WRONLY', { privileged: true }, []],
    ['/proc/sys/kernel/core_pattern', '_', {}, ['path depends EROFS', 'apparmor depends EACCES']],
    ['/sys/fs/cgroup/cgroup.procs', 'O_WRONLY', {}, ['path denies EROFS']],
    ['/etc/passwd', 'O_WRONLY', {}, []],
    ['/proc/sysfoo', 'O_RDONLY', {}, []],
  ])('%s, %s, %o', async (path, flags, input, lines) => {
    const { layers } = await open(path, flags, input);
    expect(layers?.slice(1).map(line)).toEqual(lines);
  });

  it('are told as a list where the path is not', async () => {
    const { layers, effect } = await ask('openat', { engine: 'podman@5.8.2' });
    expect(effect).toEqual({ result: 'runs', by: 'kernel' });
    expect(layers?.at(-1)?.when).toMatch(/\/sys\/fs\/selinux.*\(masked\).*\/proc\/sys,.*\(read-only\)/);
  });
});

import type { LayerFacts } from '../../../src/explain/layers/facts.js';
import type { Layer } from '../../../src/explain/layers/layer.js';

/** A call in a container, and who is predicted to answer it. */
export interface LayerCase {
  /** As `why` reads it; what is in memory is `_`. */
  readonly call: string;
  /** What `_` stands for, in order: arguments as the probe reads them. */
  readonly memory?: readonly string[];
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  /** Under the engine's own filter; else without one, so that what stands behind it is asked. */
  readonly filtered?: true;
  readonly uid?: number;
  readonly facts?: LayerFacts;
  /** What the probe does first: `-U FLAGS`, `-w PATH=VALUE`. */
  readonly before?: readonly string[];
  /** `may`: denied under a condition that registers do not show, and that the probe fulfils. */
  readonly predicted:
    | readonly [by: Layer['layer'], errno: string]
    | readonly ['may', by: Layer['layer'], errno: string]
    | 'runs';
  /** What a call that gets through answers, which was made so that it harms nothing. */
  readonly then?: string;
  /** Why the kernel is not asked. */
  readonly notRun?: string;
}

const NEWUSER = '0x10000000';
const NEWUSER_NEWNS = '0x10020000';
const SYS_ADMIN = ['SYS_ADMIN'];
const ALL = ['ALL'];
const OWN: LayerFacts = { userNamespace: 'own' };
const own = { add: ALL, facts: OWN, before: ['-U', NEWUSER] } as const;
const sysctl = (name: string, value: string): LayerFacts => ({ sysctls: new Map([[name, value]]) });
/** struct perf_event_attr: a software clock of 64 bytes; bit 5 of its flags is exclude_kernel. */
const perf = (flags: string): string => `x:0100000040000000${'00'.repeat(32)}${flags}${'00'.repeat(16)}`;
const WITH_KERNEL = perf('0000000000000000');
const WITHOUT_KERNEL = perf('2000000000000000');
/** struct __kernel_timex whose modes are ADJ_OFFSET. */
const ADJ_OFFSET = `x:01000000${'00'.repeat(204)}`;
/** struct iovec */
const ONE_BYTE = `x:${'00'.repeat(8)}0100000000000000`;
/** union bpf_attr: an array of one int. */
const MAP = `x:02000000040000000400000001000000${'00'.repeat(56)}`;
const CLONE3_NEWNS = `x:0000020000000000${'00'.repeat(24)}1100000000000000${'00'.repeat(24)}`;

/** The host's settings count where a row names none. */
export const cases: readonly LayerCase[] = [
  // Mounts.
  {
    call: 'mount(_, _, _, 0, 0)',
    memory: ['s:none', 's:/', 's:nosuchfs'],
    filtered: true,
    predicted: ['seccomp', 'EPERM'],
  },
  {
    call: 'mount(_, _, _, 0, 0)',
    memory: ['s:none', 's:/', 's:nosuchfs'],
    predicted: ['capability', 'EPERM'],
  },
  {
    call: 'mount(_, _, _, 0, 0)',
    memory: ['s:none', 's:/', 's:nosuchfs'],
    filtered: true,
    add: SYS_ADMIN,
    predicted: 'runs',
    then: 'ENODEV',
  },
  {
    call: 'mount(_, _, _, 0, 0)',
    memory: ['s:none', 's:/', 's:nosuchfs'],
    add: ALL,
    facts: OWN,
    before: ['-U', NEWUSER_NEWNS],
    predicted: 'runs',
    then: 'ENODEV',
  },
  {
    call: 'mount',
    filtered: true,
    add: SYS_ADMIN,
    facts: { apparmor: true, apparmorProfile: 'docker-default' },
    predicted: ['apparmor', 'EACCES'],
    notRun: 'AppArmor',
  },
  { call: 'mount', facts: { apparmor: true }, predicted: ['apparmor', 'EACCES'], notRun: 'AppArmor' },
  {
    call: 'move_mount',
    add: SYS_ADMIN,
    facts: { apparmor: true },
    predicted: ['apparmor', 'EACCES'],
    notRun: 'AppArmor',
  },
  { call: 'umount2(_, 0)', memory: ['s:/proc/self'], predicted: ['capability', 'EPERM'] },
  { call: 'umount2(_, 0)', memory: ['s:/proc/self'], add: SYS_ADMIN, predicted: 'runs', then: 'EINVAL' },
  {
    call: 'umount2(_, 0)',
    memory: ['s:/proc/self'],
    add: SYS_ADMIN,
    facts: { apparmor: true },
    predicted: 'runs',
    then: 'EINVAL',
    notRun: 'AppArmor',
  },
  {
    call: 'pivot_root(_, _)',
    memory: ['s:/nonexistent', 's:/nonexistent'],
    predicted: ['capability', 'EPERM'],
  },
  {
    call: 'pivot_root(_, _)',
    add: SYS_ADMIN,
    facts: { apparmor: true },
    predicted: ['apparmor', 'EACCES'],
    notRun: 'AppArmor',
  },
  { call: 'fsopen(_, 0)', memory: ['s:nosuchfs'], predicted: ['capability', 'EPERM'] },
  { call: 'fsopen(_, 0)', memory: ['s:nosuchfs'], add: SYS_ADMIN, predicted: 'runs', then: 'ENODEV' },
  {
    call: 'move_mount(AT_FDCWD, _, AT_FDCWD, _, 0)',
    memory: ['s:/nonexistent', 's:/nonexistent'],
    predicted: ['capability', 'EPERM'],
  },
  { call: 'open_tree(AT_FDCWD, _, OPEN_TREE_CLONE)', memory: ['s:/'], predicted: ['capability', 'EPERM'] },
  { call: 'open_tree(AT_FDCWD, _, 0)', memory: ['s:/'], predicted: 'runs' },
  { call: 'swapon(_, 0)', memory: ['s:/nonexistent'], predicted: ['capability', 'EPERM'] },
  { call: 'swapon(_, 0)', memory: ['s:/nonexistent'], ...own, predicted: ['capability', 'EPERM'] },
  { call: 'chroot(_)', memory: ['s:/'], filtered: true, predicted: 'runs' },
  { call: 'chroot(_)', memory: ['s:/'], drop: ['SYS_CHROOT'], predicted: ['capability', 'EPERM'] },
  { call: 'chroot(_)', memory: ['s:/'], uid: 65534, predicted: ['capability', 'EPERM'] },
  { call: 'chroot(_)', memory: ['s:/'], ...own, predicted: 'runs' },
  // Devices.
  {
    call: 'mknod(_, S_IFCHR, 0x103)',
    memory: ['s:/tmp/callgate-layers-null'],
    drop: ['MKNOD'],
    predicted: ['capability', 'EPERM'],
  },
  {
    call: 'mknod(_, S_IFCHR, 0x103)',
    memory: ['s:/tmp/callgate-layers-null'],
    uid: 65534,
    predicted: ['capability', 'EPERM'],
  },
  { call: 'mknod(_, S_IFBLK, 0)', memory: ['s:/nonexistent/x'], predicted: 'runs', then: 'ENOENT' },
  // Namespaces.
  { call: 'unshare(CLONE_NEWUSER)', filtered: true, predicted: ['seccomp', 'EPERM'] },
  { call: 'unshare(CLONE_NEWUSER)', predicted: 'runs' },
  { call: 'unshare(CLONE_NEWUSER)', uid: 65534, predicted: 'runs' },
  {
    call: 'unshare(CLONE_NEWUSER)',
    add: ALL,
    facts: { ...OWN, ...sysctl('user.max_user_namespaces', '0') },
    before: ['-U', NEWUSER, '-w', '/proc/sys/user/max_user_namespaces=0'],
    predicted: ['user-namespace', 'ENOSPC'],
  },
  {
    call: 'clone(CLONE_NEWUSER|SIGCHLD, 0, 0, 0, 0)',
    add: ALL,
    facts: { ...OWN, ...sysctl('user.max_user_namespaces', '0') },
    before: ['-U', NEWUSER, '-w', '/proc/sys/user/max_user_namespaces=0'],
    predicted: ['user-namespace', 'ENOSPC'],
  },
  {
    call: 'unshare(CLONE_NEWUTS)',
    add: ALL,
    facts: { ...OWN, ...sysctl('user.max_uts_namespaces', '0') },
    before: ['-U', NEWUSER, '-w', '/proc/sys/user/max_uts_namespaces=0'],
    predicted: ['user-namespace', 'ENOSPC'],
  },
  {
    call: 'unshare(CLONE_NEWUSER)',
    facts: sysctl('kernel.unprivileged_userns_clone', '0'),
    predicted: ['sysctl', 'EPERM'],
    notRun: 'Debian’s patch',
  },
  { call: 'unshare(CLONE_NEWNS)', predicted: ['capability', 'EPERM'] },
  { call: 'unshare(CLONE_NEWUSER|CLONE_NEWNS)', predicted: 'runs' },
  { call: 'clone(CLONE_NEWNET|SIGCHLD, 0, 0, 0, 0)', predicted: ['capability', 'EPERM'] },
  { call: 'clone3(_, 88)', memory: [CLONE3_NEWNS], predicted: ['may', 'capability', 'EPERM'] },
  { call: 'setns(_, 0)', memory: ['o:/proc/self/ns/uts'], predicted: ['capability', 'EPERM'] },
  { call: 'setns(_, 0)', memory: ['o:/proc/self/ns/uts'], add: SYS_ADMIN, predicted: 'runs' },
  {
    call: 'setns(_, CLONE_NEWNS)',
    memory: ['o:/proc/self/ns/mnt'],
    add: SYS_ADMIN,
    drop: ['SYS_CHROOT'],
    predicted: ['capability', 'EPERM'],
  },
  // bpf and perf.
  { call: 'bpf(BPF_MAP_CREATE, _, 72)', memory: [MAP], filtered: true, predicted: ['seccomp', 'EPERM'] },
  {
    call: 'bpf(BPF_MAP_CREATE, _, 72)',
    memory: [MAP],
    facts: sysctl('kernel.unprivileged_bpf_disabled', '2'),
    predicted: ['sysctl', 'EPERM'],
  },
  { call: 'bpf(BPF_MAP_CREATE, _, 72)', memory: [MAP], add: ['BPF'], predicted: 'runs' },
  {
    call: 'bpf(BPF_MAP_CREATE, _, 72)',
    memory: [MAP],
    ...own,
    facts: { ...OWN, ...sysctl('kernel.unprivileged_bpf_disabled', '2') },
    predicted: ['sysctl', 'EPERM'],
  },
  {
    call: 'bpf(BPF_PROG_GET_NEXT_ID, _, 72)',
    memory: [`x:${'00'.repeat(72)}`],
    add: ['BPF'],
    predicted: ['capability', 'EPERM'],
  },
  {
    call: 'perf_event_open(_, 0, -1, -1, 0)',
    memory: [WITH_KERNEL],
    facts: sysctl('kernel.perf_event_paranoid', '2'),
    predicted: ['may', 'sysctl', 'EACCES'],
  },
  { call: 'perf_event_open(_, 0, -1, -1, 0)', memory: [WITHOUT_KERNEL], predicted: 'runs' },
  {
    call: 'perf_event_open(_, -1, 0, -1, 0)',
    memory: [WITHOUT_KERNEL],
    facts: sysctl('kernel.perf_event_paranoid', '2'),
    predicted: ['sysctl', 'EACCES'],
  },
  {
    call: 'perf_event_open(_, 0, -1, -1, 0)',
    memory: [WITH_KERNEL],
    filtered: true,
    add: ['PERFMON'],
    predicted: 'runs',
  },
  {
    call: 'perf_event_open(_, 0, -1, -1, 0)',
    memory: [WITH_KERNEL],
    add: ALL,
    before: ['-U', NEWUSER],
    facts: { ...OWN, ...sysctl('kernel.perf_event_paranoid', '2') },
    predicted: ['may', 'sysctl', 'EACCES'],
  },
  {
    call: 'perf_event_open(_, 1, -1, -1, 0)',
    memory: [WITHOUT_KERNEL],
    predicted: ['may', 'capability', 'EACCES'],
  },
  // Other processes: 1 is root's, with more capabilities than the container.
  { call: 'ptrace(PTRACE_TRACEME, 0, 0, 0)', filtered: true, predicted: 'runs' },
  { call: 'ptrace(PTRACE_ATTACH, 1, 0, 0)', filtered: true, predicted: ['may', 'capability', 'EPERM'] },
  { call: 'ptrace(PTRACE_SEIZE, 1, 0, 0)', uid: 65534, predicted: ['may', 'capability', 'EPERM'] },
  {
    call: 'ptrace(PTRACE_TRACEME, 0, 0, 0)',
    facts: sysctl('kernel.yama.ptrace_scope', '3'),
    predicted: ['sysctl', 'EPERM'],
    notRun: 'Yama',
  },
  {
    call: 'process_vm_readv(1, _, 1, _, 1, 0)',
    memory: [ONE_BYTE, ONE_BYTE],
    predicted: ['may', 'capability', 'EPERM'],
  },
  { call: 'kcmp(1, 1, KCMP_VM, 0, 0)', predicted: ['may', 'capability', 'EPERM'] },
  { call: 'pidfd_getfd(_, 0, 0)', memory: ['p:1'], predicted: ['may', 'capability', 'EPERM'] },
  { call: 'kill(1, 0)', uid: 65534, predicted: ['may', 'capability', 'EPERM'] },
  // Keys.
  { call: 'keyctl(KEYCTL_GET_KEYRING_ID, -2, 1)', filtered: true, predicted: ['seccomp', 'EPERM'] },
  { call: 'keyctl(KEYCTL_GET_KEYRING_ID, -2, 1)', predicted: 'runs' },
  // The machine.
  { call: 'settimeofday(0, 0)', predicted: ['capability', 'EPERM'] },
  { call: 'settimeofday(0, 0)', ...own, predicted: ['capability', 'EPERM'] },
  { call: 'timerfd_create(CLOCK_BOOTTIME_ALARM, 0)', predicted: ['capability', 'EPERM'] },
  { call: 'sethostname(_, -1)', memory: ['s:x'], predicted: ['capability', 'EPERM'] },
  { call: 'sethostname(_, -1)', memory: ['s:x'], add: SYS_ADMIN, predicted: 'runs', then: 'EINVAL' },
  { call: 'reboot(0, 0, 0, 0)', predicted: ['capability', 'EPERM'] },
  { call: 'reboot(0, 0, 0, 0)', add: ['SYS_BOOT'], predicted: 'runs', then: 'EINVAL' },
  { call: 'acct(_)', memory: ['s:/nonexistent'], predicted: ['capability', 'EPERM'] },
  { call: 'vhangup()', predicted: ['capability', 'EPERM'] },
  { call: 'kexec_load(0, 0, 0, 0)', predicted: ['capability', 'EPERM'], notRun: 'kernels without kexec' },
  { call: 'init_module(0, 0, 0)', predicted: ['capability', 'EPERM'], notRun: 'kernels without modules' },
  {
    call: 'init_module(0, 0, 0)',
    add: ['SYS_MODULE'],
    facts: sysctl('kernel.modules_disabled', '1'),
    predicted: ['sysctl', 'EPERM'],
    notRun: 'it cannot be undone',
  },
  {
    call: 'syslog(SYSLOG_ACTION_READ_ALL, _, 1)',
    memory: ['x:00'],
    facts: sysctl('kernel.dmesg_restrict', '1'),
    predicted: ['sysctl', 'EPERM'],
  },
  { call: 'syslog(SYSLOG_ACTION_SIZE_UNREAD, 0, 0)', predicted: ['capability', 'EPERM'] },
  { call: 'syslog(SYSLOG_ACTION_SIZE_UNREAD, 0, 0)', filtered: true, add: ['SYSLOG'], predicted: 'runs' },
  {
    call: 'open_by_handle_at(AT_FDCWD, _, 0)',
    memory: [`x:0800000001000000${'00'.repeat(8)}`],
    predicted: ['capability', 'EPERM'],
  },
  {
    call: 'userfaultfd(0)',
    facts: sysctl('vm.unprivileged_userfaultfd', '0'),
    predicted: ['sysctl', 'EPERM'],
  },
  { call: 'userfaultfd(UFFD_USER_MODE_ONLY)', predicted: 'runs' },
  { call: 'userfaultfd(0)', add: ['SYS_PTRACE'], predicted: 'runs' },
  {
    call: 'io_uring_setup(0, _)',
    memory: [`x:${'00'.repeat(120)}`],
    facts: sysctl('kernel.io_uring_disabled', '0'),
    predicted: 'runs',
    then: 'EINVAL',
  },
  {
    call: 'io_uring_setup(0, _)',
    add: ALL,
    facts: sysctl('kernel.io_uring_disabled', '2'),
    predicted: ['sysctl', 'EPERM'],
    notRun: 'a setting of the whole host',
  },
  { call: 'fanotify_init(0, 0)', predicted: ['capability', 'EPERM'] },
  { call: 'fanotify_init(0x200, 0)', predicted: 'runs' },
  { call: 'fanotify_init(0x204, 0)', predicted: ['capability', 'EPERM'] },
  { call: 'fanotify_init(0x300, 0)', predicted: ['capability', 'EPERM'] },
  { call: 'fanotify_init(0x240, 0)', predicted: 'runs' },
  { call: 'fanotify_init(0x240, 0)', drop: ['AUDIT_WRITE'], predicted: ['capability', 'EPERM'] },
  {
    call: 'clock_adjtime(CLOCK_REALTIME, _)',
    memory: [ADJ_OFFSET],
    predicted: ['may', 'capability', 'EPERM'],
  },
  // Sockets.
  { call: 'socket(AF_PACKET, SOCK_RAW, 0)', filtered: true, predicted: 'runs' },
  { call: 'socket(AF_PACKET, SOCK_RAW, 0)', drop: ['NET_RAW'], predicted: ['capability', 'EPERM'] },
  { call: 'socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)', drop: ['NET_RAW'], predicted: ['capability', 'EPERM'] },
  { call: 'socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)', uid: 65534, predicted: ['capability', 'EPERM'] },
  {
    call: 'socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)',
    facts: sysctl('net.ipv4.ping_group_range', '1 0'),
    predicted: ['sysctl', 'EACCES'],
  },
  {
    call: 'bind(_, _, 16)',
    memory: ['k:2,1,0', 'x:020000507f0000010000000000000000'],
    drop: ['NET_BIND_SERVICE'],
    facts: sysctl('net.ipv4.ip_unprivileged_port_start', '1024'),
    predicted: ['may', 'sysctl', 'EACCES'],
  },
  // Credentials and scheduling.
  { call: 'setuid(1234)', drop: ['SETUID'], predicted: ['may', 'capability', 'EPERM'] },
  { call: 'setgroups(0, 0)', drop: ['SETGID'], predicted: ['capability', 'EPERM'] },
  {
    call: 'fchownat(AT_FDCWD, _, 1234, 1234, 0)',
    memory: ['s:/tmp'],
    uid: 65534,
    predicted: ['may', 'capability', 'EPERM'],
  },
  { call: 'setpriority(0, 0, -5)', predicted: ['may', 'capability', 'EACCES'] },
  {
    call: 'sched_setscheduler(0, SCHED_FIFO, _)',
    memory: ['x:01000000'],
    predicted: ['may', 'capability', 'EPERM'],
  },
  {
    call: 'sched_setscheduler(0, SCHED_FIFO, _)',
    memory: ['x:01000000'],
    add: ['SYS_NICE'],
    predicted: 'runs',
  },
  { call: 'ioprio_set(1, 0, 0x2000)', predicted: ['capability', 'EPERM'] },
  { call: 'prctl(PR_CAPBSET_DROP, 0, 0, 0, 0)', drop: ['SETPCAP'], predicted: ['capability', 'EPERM'] },
  { call: 'prctl(PR_SET_MM, 1, 0, 0, 0)', predicted: ['capability', 'EPERM'] },
  {
    call: 'seccomp(SECCOMP_SET_MODE_FILTER, 0, _)',
    memory: ['x:0100000000000000'],
    predicted: ['may', 'capability', 'EACCES'],
  },
  { call: 'landlock_restrict_self(-1, 0)', predicted: ['may', 'capability', 'EPERM'] },
  {
    call: 'keyctl(KEYCTL_GET_PERSISTENT, 1234, -2)',
    drop: ['SETUID'],
    predicted: ['may', 'capability', 'EPERM'],
  },
  // Memory and files.
  { call: 'mbind(0, 0, 0, 0, 0, 4)', predicted: ['capability', 'EPERM'] },
  { call: 'move_pages(0, 0, 0, 0, 0, 4)', predicted: ['capability', 'EPERM'] },
  {
    call: 'setxattr(_, _, _, 1, 0)',
    memory: ['s:/tmp', 's:trusted.callgate', 's:x'],
    predicted: ['may', 'capability', 'EPERM'],
  },
  { call: 'mknod(_, S_IFCHR, 0)', drop: ['MKNOD'], predicted: 'runs', notRun: 'it would leave a whiteout' },
];

import type { BehaviourRow } from './behaviour.js';

/** In what releases of runc differ. */
export const runcBehaviours: readonly BehaviourRow[] = [
  {
    behaviour: 'action-log',
    since: '1.0.0-rc9',
    text: 'SCMP_ACT_LOG is a valid action.',
    source: 'opencontainers/runc 84373aaa56',
  },
  {
    behaviour: 'action-notify',
    since: '1.1.0-rc.1',
    text: 'SCMP_ACT_NOTIFY is a valid action, but not as the default and not for write.',
    source: 'opencontainers/runc 2b025c0173',
  },
  {
    behaviour: 'action-kill-process',
    since: '1.1.3',
    text: 'SCMP_ACT_KILL_PROCESS is a valid action.',
    source: 'opencontainers/runc 68427f33d0, diff v1.1.2 v1.1.3 libcontainer/seccomp/config.go',
  },
  {
    behaviour: 'action-kill-thread',
    since: '1.1.3',
    text: 'SCMP_ACT_KILL_THREAD is a valid action.',
    source: 'opencontainers/runc 68427f33d0, diff v1.1.2 v1.1.3 libcontainer/seccomp/config.go',
  },
  {
    behaviour: 'action-kill',
    text: 'SCMP_ACT_KILL kills the thread.',
    source: 'opencontainers/runc v1.0.0-rc5 libcontainer/seccomp/config.go',
  },
  {
    behaviour: 'arch-riscv64',
    since: '1.2.0-rc.1',
    sinceByBranch: { '1.1': '1.1.8' },
    text: 'SCMP_ARCH_RISCV64 is a valid architecture.',
    source: 'opencontainers/runc 9164fe17a7, 1d7b297128',
  },
  {
    behaviour: 'arch-loongarch64',
    since: '1.4.1',
    text: 'SCMP_ARCH_LOONGARCH64 is a valid architecture (distributions patch it into older releases).',
    source: 'opencontainers/runc diff v1.4.0 v1.4.1 libcontainer/seccomp/config.go',
  },
  {
    behaviour: 'conditions-anded',
    since: '1.0.0-rc5',
    text: 'The comparisons of a rule must all hold, unless two of them look at the same argument: then any will do.',
    source: 'opencontainers/runc e9193ba6e6',
  },
  {
    behaviour: 'rule-errno',
    since: '1.0.0-rc91',
    text: 'errnoRet of a rule is honoured; before, the errno was EPERM.',
    source: 'opencontainers/runc 41aa19662b',
  },
  {
    behaviour: 'default-errno',
    since: '1.0.0-rc95',
    text: 'defaultErrnoRet is honoured; before, the errno was EPERM.',
    source: 'opencontainers/runc c61f606254',
  },
  {
    behaviour: 'redundant-skipped',
    since: '1.1.0-rc.1',
    sinceByBranch: { '1.0': '1.0.2' },
    text: 'A rule with the default action is dropped; before, the container did not start.',
    source: 'opencontainers/runc 960182fdf0, 5dd92fd9b4',
  },
  {
    behaviour: 'unknown-names-skipped',
    text: 'Names that libseccomp does not know are dropped.',
    source: 'opencontainers/runc libcontainer/seccomp/seccomp_linux.go matchCall; logged since e44bee1026',
  },
  {
    behaviour: 'enosys-stub',
    since: '1.0.0-rc93',
    text: 'Numbers above the largest one that the profile names are answered with ENOSYS.',
    source: 'opencontainers/runc 7a8d7162f9 libcontainer/seccomp/patchbpf/enosys_linux.go',
  },
  {
    behaviour: 'enosys-stub-native',
    since: '1.2.0-rc.1',
    sinceByBranch: { '1.1': '1.1.15' },
    text: 'The ENOSYS stub covers the native architecture even when `architectures` does not name it.',
    source: 'opencontainers/runc 618e149e4a, ccc500c427',
  },
  {
    behaviour: 'enosys-stub-s390-setup',
    since: '1.1.3',
    text: 'The ENOSYS stub answers number 0 on s390 and s390x, where unknown large numbers arrive as 0.',
    source: 'opencontainers/runc 8b93f9fb3c',
  },
  {
    behaviour: 'flags-rejected',
    since: '1.0.0-rc93',
    until: '1.2.0-rc.1',
    text: 'A configuration with `flags` does not start; before, they were ignored.',
    source: 'opencontainers/runc v1.1.15 libcontainer/specconv SetupSeccomp',
  },
  {
    behaviour: 'flags',
    since: '1.2.0-rc.1',
    text: 'SECCOMP_FILTER_FLAG_TSYNC (without effect), _LOG and _SPEC_ALLOW are valid flags.',
    source: 'opencontainers/runc 58ea21daef',
  },
  {
    behaviour: 'default-flag-spec-allow',
    since: '1.2.0-rc.1',
    text: 'Without `flags` the filter is loaded with SECCOMP_FILTER_FLAG_SPEC_ALLOW.',
    source: 'opencontainers/runc c7dc8b1fed',
  },
  {
    behaviour: 'flag-wait-killable-recv',
    since: '1.5.0-rc.2',
    text: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is a valid flag.',
    source: 'opencontainers/runc 7dd372d40e',
  },
  {
    behaviour: 'binary-tree',
    since: '1.2.0-rc.1',
    text: 'With more than 32 names libseccomp sorts the program into a binary tree.',
    source: 'opencontainers/runc b265d1288f',
  },
];

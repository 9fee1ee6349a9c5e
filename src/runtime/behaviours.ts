import type { RuntimeName } from '../engine/context.js';
import { compareVersions } from '../versions.js';

/** One way in which releases of a runtime differ. */
export interface Behaviour {
  readonly runtime: RuntimeName;
  readonly behaviour: BehaviourName;
  /** First release; absent: all. */
  readonly since?: string;
  /** Earlier releases of older branches, by `major.minor`. */
  readonly sinceByBranch?: Readonly<Record<string, string>>;
  /** First release that no longer behaves so. */
  readonly until?: string;
  readonly untilByBranch?: Readonly<Record<string, string>>;
  readonly text: string;
  readonly source: string;
}

export type BehaviourName =
  | 'action-kill'
  | 'action-kill-process'
  | 'action-kill-thread'
  | 'action-log'
  | 'action-notify'
  | 'arch-loongarch64'
  | 'arch-riscv64'
  | 'binary-tree'
  | 'conditions-anded'
  | 'default-errno'
  | 'default-flag-log'
  | 'default-flag-spec-allow'
  | 'enosys-stub'
  | 'enosys-stub-native'
  | 'enosys-stub-s390-setup'
  | 'errno-on-other-actions-fails'
  | 'flag-wait-killable-recv'
  | 'flags'
  | 'flags-rejected'
  | 'index-by-position'
  | 'redundant-skipped'
  | 'rule-errno'
  | 'unknown-names-skipped'
  | 'unknown-names-skipped-in-allow';

export const behaviours: readonly Behaviour[] = [
  {
    runtime: 'runc',
    behaviour: 'action-log',
    since: '1.0.0-rc9',
    text: 'SCMP_ACT_LOG is a valid action.',
    source: 'opencontainers/runc 84373aaa56',
  },
  {
    runtime: 'runc',
    behaviour: 'action-notify',
    since: '1.1.0-rc.1',
    text: 'SCMP_ACT_NOTIFY is a valid action, but not as the default and not for write.',
    source: 'opencontainers/runc 2b025c0173',
  },
  {
    runtime: 'runc',
    behaviour: 'action-kill-process',
    since: '1.1.3',
    text: 'SCMP_ACT_KILL_PROCESS is a valid action.',
    source: 'opencontainers/runc 68427f33d0, diff v1.1.2 v1.1.3 libcontainer/seccomp/config.go',
  },
  {
    runtime: 'runc',
    behaviour: 'action-kill-thread',
    since: '1.1.3',
    text: 'SCMP_ACT_KILL_THREAD is a valid action.',
    source: 'opencontainers/runc 68427f33d0, diff v1.1.2 v1.1.3 libcontainer/seccomp/config.go',
  },
  {
    runtime: 'runc',
    behaviour: 'action-kill',
    text: 'SCMP_ACT_KILL kills the thread.',
    source: 'opencontainers/runc v1.0.0-rc5 libcontainer/seccomp/config.go',
  },
  {
    runtime: 'runc',
    behaviour: 'arch-riscv64',
    since: '1.2.0-rc.1',
    sinceByBranch: { '1.1': '1.1.8' },
    text: 'SCMP_ARCH_RISCV64 is a valid architecture.',
    source: 'opencontainers/runc 9164fe17a7, 1d7b297128',
  },
  {
    runtime: 'runc',
    behaviour: 'arch-loongarch64',
    since: '1.4.1',
    text: 'SCMP_ARCH_LOONGARCH64 is a valid architecture (distributions patch it into older releases).',
    source: 'opencontainers/runc diff v1.4.0 v1.4.1 libcontainer/seccomp/config.go',
  },
  {
    runtime: 'runc',
    behaviour: 'conditions-anded',
    since: '1.0.0-rc5',
    text: 'The comparisons of a rule must all hold, unless two of them look at the same argument: then any will do.',
    source: 'opencontainers/runc e9193ba6e6',
  },
  {
    runtime: 'runc',
    behaviour: 'rule-errno',
    since: '1.0.0-rc91',
    text: 'errnoRet of a rule is honoured; before, the errno was EPERM.',
    source: 'opencontainers/runc 41aa19662b',
  },
  {
    runtime: 'runc',
    behaviour: 'default-errno',
    since: '1.0.0-rc95',
    text: 'defaultErrnoRet is honoured; before, the errno was EPERM.',
    source: 'opencontainers/runc c61f606254',
  },
  {
    runtime: 'runc',
    behaviour: 'redundant-skipped',
    since: '1.1.0-rc.1',
    sinceByBranch: { '1.0': '1.0.2' },
    text: 'A rule with the default action is dropped; before, the container did not start.',
    source: 'opencontainers/runc 960182fdf0, 5dd92fd9b4',
  },
  {
    runtime: 'runc',
    behaviour: 'unknown-names-skipped',
    text: 'Names that libseccomp does not know are dropped.',
    source: 'opencontainers/runc libcontainer/seccomp/seccomp_linux.go matchCall; logged since e44bee1026',
  },
  {
    runtime: 'runc',
    behaviour: 'enosys-stub',
    since: '1.0.0-rc93',
    text: 'Numbers above the largest one that the profile names are answered with ENOSYS.',
    source: 'opencontainers/runc 7a8d7162f9 libcontainer/seccomp/patchbpf/enosys_linux.go',
  },
  {
    runtime: 'runc',
    behaviour: 'enosys-stub-native',
    since: '1.2.0-rc.1',
    sinceByBranch: { '1.1': '1.1.15' },
    text: 'The ENOSYS stub covers the native architecture even when `architectures` does not name it.',
    source: 'opencontainers/runc 618e149e4a, ccc500c427',
  },
  {
    runtime: 'runc',
    behaviour: 'enosys-stub-s390-setup',
    since: '1.1.3',
    text: 'The ENOSYS stub answers number 0 on s390 and s390x, where unknown large numbers arrive as 0.',
    source: 'opencontainers/runc 8b93f9fb3c',
  },
  {
    runtime: 'runc',
    behaviour: 'flags-rejected',
    since: '1.0.0-rc93',
    until: '1.2.0-rc.1',
    text: 'A configuration with `flags` does not start; before, they were ignored.',
    source: 'opencontainers/runc v1.1.15 libcontainer/specconv SetupSeccomp',
  },
  {
    runtime: 'runc',
    behaviour: 'flags',
    since: '1.2.0-rc.1',
    text: 'SECCOMP_FILTER_FLAG_TSYNC (without effect), _LOG and _SPEC_ALLOW are valid flags.',
    source: 'opencontainers/runc 58ea21daef',
  },
  {
    runtime: 'runc',
    behaviour: 'default-flag-spec-allow',
    since: '1.2.0-rc.1',
    text: 'Without `flags` the filter is loaded with SECCOMP_FILTER_FLAG_SPEC_ALLOW.',
    source: 'opencontainers/runc c7dc8b1fed',
  },
  {
    runtime: 'runc',
    behaviour: 'flag-wait-killable-recv',
    since: '1.5.0-rc.2',
    text: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is a valid flag.',
    source: 'opencontainers/runc 7dd372d40e',
  },
  {
    runtime: 'runc',
    behaviour: 'binary-tree',
    since: '1.2.0-rc.1',
    text: 'With more than 32 names libseccomp sorts the program into a binary tree.',
    source: 'opencontainers/runc b265d1288f',
  },
  {
    runtime: 'crun',
    behaviour: 'action-kill',
    since: '0.14',
    text: 'SCMP_ACT_KILL is a valid action; before, its value 0 was taken for a failure.',
    source: 'containers/crun diff 0.13 0.14 src/libcrun/seccomp.c',
  },
  {
    runtime: 'crun',
    behaviour: 'action-kill-process',
    since: '0.14',
    text: 'SCMP_ACT_KILL_PROCESS is a valid action.',
    source: 'containers/crun cebb6310',
  },
  {
    runtime: 'crun',
    behaviour: 'action-kill-thread',
    since: '0.15',
    text: 'SCMP_ACT_KILL_THREAD is a valid action.',
    source: 'containers/crun 4276d0ac',
  },
  {
    runtime: 'crun',
    behaviour: 'action-log',
    since: '0.15',
    text: 'SCMP_ACT_LOG is a valid action.',
    source: 'containers/crun 47dd153d',
  },
  {
    runtime: 'crun',
    behaviour: 'action-notify',
    since: '0.15',
    text: 'SCMP_ACT_NOTIFY is a valid action, as the default too.',
    source: 'containers/crun abf8fbd8',
  },
  {
    runtime: 'crun',
    behaviour: 'conditions-anded',
    text: 'The comparisons of a rule must all hold, unless two of them look at the same argument: then any will do.',
    source: 'containers/crun src/libcrun/seccomp.c',
  },
  {
    runtime: 'crun',
    behaviour: 'index-by-position',
    until: '0.12.2.1',
    text: 'The index of a comparison is ignored: the first one looks at argument 0, the second at argument 1.',
    source: 'containers/crun diff 0.12.1 0.12.2.1 src/libcrun/seccomp.c',
  },
  {
    runtime: 'crun',
    behaviour: 'rule-errno',
    since: '0.14',
    text: 'errnoRet of a rule is honoured; before, the errno was EPERM.',
    source: 'containers/crun feeac04f',
  },
  {
    runtime: 'crun',
    behaviour: 'default-errno',
    since: '0.19',
    text: 'defaultErrnoRet is honoured; before, the errno was EPERM.',
    source: 'containers/crun 0c5b9208',
  },
  {
    runtime: 'crun',
    behaviour: 'errno-on-other-actions-fails',
    since: '0.19',
    text: 'errnoRet with an action other than ERRNO or TRACE is an error.',
    source: 'containers/crun edf7f157',
  },
  {
    runtime: 'crun',
    behaviour: 'redundant-skipped',
    since: '0.4',
    text: 'A rule with the default action is dropped.',
    source: 'containers/crun 08229f3f',
  },
  {
    runtime: 'crun',
    behaviour: 'unknown-names-skipped-in-allow',
    since: '0.5',
    until: '0.10',
    text: 'In ALLOW rules names without a native number are dropped; in other rules unknown ones are an error.',
    source: 'containers/crun 0.5 src/libcrun/seccomp.c',
  },
  {
    runtime: 'crun',
    behaviour: 'unknown-names-skipped',
    since: '0.11',
    text: 'Names that libseccomp does not know are dropped with a warning that is not shown by default.',
    source: 'containers/crun 4bf26988, ff8f4cac, 27614b15',
  },
  {
    runtime: 'crun',
    behaviour: 'flags',
    since: '0.9',
    text: 'SECCOMP_FILTER_FLAG_TSYNC, _LOG and _SPEC_ALLOW are valid flags.',
    source: 'containers/crun fefabffa',
  },
  {
    runtime: 'crun',
    behaviour: 'default-flag-log',
    since: '0.9',
    until: '0.20',
    text: 'Without `flags` every denied call is audited (SECCOMP_FILTER_FLAG_LOG).',
    source: 'containers/crun fefabffa, 9042ac54',
  },
  {
    runtime: 'crun',
    behaviour: 'default-flag-spec-allow',
    since: '0.9',
    text: 'Without `flags` the filter is loaded with SECCOMP_FILTER_FLAG_SPEC_ALLOW.',
    source: 'containers/crun fefabffa',
  },
  {
    runtime: 'crun',
    behaviour: 'flag-wait-killable-recv',
    since: '1.6',
    text: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is a valid flag.',
    source: 'containers/crun 396ac888',
  },
  {
    runtime: 'youki',
    behaviour: 'conditions-anded',
    since: '0.7.0',
    text: 'Before, each comparison of a rule was a rule of its own.',
    source: 'youki-dev/youki v0.6.0',
  },
];

const byRuntime = new Map<string, Behaviour>(
  behaviours.map((row) => [`${row.runtime} ${row.behaviour}`, row]),
);

const answers = new Map<string, Behaviour | undefined>();

/** The record, if this release behaves so. */
export function findBehaviour(
  runtime: RuntimeName,
  version: string,
  name: BehaviourName,
): Behaviour | undefined {
  const key = `${runtime} ${version} ${name}`;
  if (!answers.has(key)) answers.set(key, lookUp(runtime, version, name));
  return answers.get(key);
}

function lookUp(runtime: RuntimeName, version: string, name: BehaviourName): Behaviour | undefined {
  const row = byRuntime.get(`${runtime} ${name}`);
  if (row === undefined) return undefined;
  const branch = /^\d+\.\d+/.exec(version)?.[0] ?? '';
  const since = row.sinceByBranch?.[branch] ?? row.since;
  const until = row.untilByBranch?.[branch] ?? row.until;
  if (since !== undefined && compareVersions(version, since) < 0) return undefined;
  if (until !== undefined && compareVersions(version, until) >= 0) return undefined;
  return row;
}

import { compareVersions } from '../../versions.js';

/** One way in which releases of libseccomp differ, apart from their syscall tables. */
export interface ReleaseFact {
  readonly fact:
    | 'log-and-kill-process'
    | 'notify'
    | 'default-action-is-eacces'
    | 'binary-tree'
    | 'pseudo-calls-left-out'
    | 'direct-pseudo-rule'
    | 'false-branch-fixed'
    | 'comparisons-modelled';
  /** First release that behaves so. */
  readonly since: string;
  readonly text: string;
  readonly source: string;
}

export const releaseFacts: readonly ReleaseFact[] = [
  {
    fact: 'log-and-kill-process',
    since: '2.4.0',
    text: 'SCMP_ACT_LOG and SCMP_ACT_KILL_PROCESS are valid actions.',
    source: 'seccomp/libseccomp v2.4.0 src/system.c sys_chk_seccomp_action',
  },
  {
    fact: 'notify',
    since: '2.5.0',
    text: 'SCMP_ACT_NOTIFY is a valid action.',
    source: 'seccomp/libseccomp v2.5.0 src/system.c sys_chk_seccomp_action',
  },
  {
    fact: 'default-action-is-eacces',
    since: '2.5.0',
    text: 'A rule with the default action is refused with EACCES, before with EPERM.',
    source: 'seccomp/libseccomp v2.5.0 src/api.c seccomp_rule_add_array',
  },
  {
    fact: 'binary-tree',
    since: '2.5.0',
    text: 'SCMP_FLTATR_CTL_OPTIMIZE 2 sorts the program by syscall number.',
    source: 'seccomp/libseccomp v2.5.0 src/gen_bpf.c _sys_num_sort',
  },
  {
    fact: 'pseudo-calls-left-out',
    since: '2.5.0',
    text: 'Rules on calls that an ABI lacks are kept but take no part in its program.',
    source: 'seccomp/libseccomp ad873bd src/gen_bpf.c',
  },
  {
    fact: 'direct-pseudo-rule',
    since: '2.5.2',
    text: 'A multiplexed call without a direct number gets a second, pseudo rule, which can conflict.',
    source: 'seccomp/libseccomp v2.5.2 src/syscalls.c abi_rule_add',
  },
  {
    fact: 'false-branch-fixed',
    since: '2.6.1',
    text: 'Merging 64-bit LT and LE rules no longer overwrites the action of the other branch.',
    source: 'seccomp/libseccomp 5404f5c, GHSA-4q85-33p6-j5g6',
  },
  {
    fact: 'comparisons-modelled',
    since: '2.4.0',
    text: '64-bit comparisons test the high word first and never mix rules of different high words up.',
    source: 'seccomp/libseccomp c5bf78d',
  },
];

const since = new Map(releaseFacts.map((row) => [row.fact, row.since]));

/** Whether a release behaves so. A distribution's release (`2.5.4-1+deb12u1`) behaves as its upstream one. */
export function releaseHas(libseccomp: string, fact: ReleaseFact['fact']): boolean {
  const upstream = libseccomp.replace(/[-+~].*$/, '');
  const first = since.get(fact);
  return first !== undefined && compareVersions(upstream, first) >= 0;
}

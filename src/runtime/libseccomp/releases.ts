import type { AbiName } from '../../syscalls/abi.js';
import { compareVersions } from '../../versions.js';

/** One way in which releases of libseccomp differ, apart from their syscall tables. */
export interface ReleaseFact {
  readonly fact:
    | 'log-and-kill-process'
    | 'notify'
    | 'default-action-is-eacces'
    | 'binary-tree'
    | 'empty-binary-tree'
    | 'pseudo-calls-left-out'
    | 'direct-pseudo-rule'
    | 'false-branch-fixed'
    | 'accumulator-in-identity'
    | 'skipped-call-is-native'
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
    fact: 'empty-binary-tree',
    since: '2.5.4',
    text:
      'With the binary tree, an ABI without any rule answers with the default action; before, its calls fell through ' +
      'to the checks of the following ABIs and to KILL_THREAD.',
    source: 'seccomp/libseccomp 2de3b87 src/gen_bpf.c _get_bintree_levels',
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
    fact: 'skipped-call-is-native',
    since: '2.3.2',
    text: 'Without x32, number -1 (how a tracer skips a call) is no x32 call: the default action answers it.',
    source: 'seccomp/libseccomp ba73ee4 src/gen_bpf.c',
  },
  {
    fact: 'accumulator-in-identity',
    since: '2.4.1',
    text: 'Blocks of the program are shared only if they agree on what the accumulator holds.',
    source: 'seccomp/libseccomp diff v2.4.0 v2.4.1 src/gen_bpf.c _hsh_add',
  },
  {
    fact: 'comparisons-modelled',
    since: '2.4.0',
    text:
      'Rules with comparisons combine as this model does it. Older releases do it in another way, which is known ' +
      'here for the simplest rules only.',
    source: 'seccomp/libseccomp c5bf78d',
  },
];

/** A direct number that a release takes for another one when it adds a rule on a multiplexed call. */
export interface MisplacedNumber {
  readonly name: string;
  readonly abis: readonly AbiName[];
  readonly number: number;
  readonly since: string;
  readonly until: string;
  readonly source: string;
}

/** s390 was given numbers of x86, which are other calls there. */
export const misplacedNumbers: readonly MisplacedNumber[] = [
  {
    name: 'recvmmsg',
    abis: ['s390', 's390x'],
    number: 337,
    since: '2.3.1',
    until: '2.5.2',
    source: 'seccomp/libseccomp v2.3.1 to v2.5.1 src/arch-s390.c, src/arch-s390x.c',
  },
  {
    name: 'sendmmsg',
    abis: ['s390', 's390x'],
    number: 345,
    since: '2.3.1',
    until: '2.5.2',
    source: 'seccomp/libseccomp v2.3.1 to v2.5.1 src/arch-s390.c, src/arch-s390x.c',
  },
  {
    name: 'semtimedop',
    abis: ['s390'],
    number: 392,
    since: '2.5.0',
    until: '2.5.2',
    source: 'seccomp/libseccomp v2.5.0, v2.5.1 src/arch-s390.c',
  },
];

export function misplacedNumber(name: string, abi: AbiName, libseccomp: string): number | undefined {
  const release = upstream(libseccomp);
  return misplacedNumbers.find(
    (row) =>
      row.name === name &&
      row.abis.includes(abi) &&
      compareVersions(release, row.since) >= 0 &&
      compareVersions(release, row.until) < 0,
  )?.number;
}

/** A distribution's release (`2.5.4-1+deb12u1`) behaves as its upstream one. */
export function upstream(libseccomp: string): string {
  return libseccomp.replace(/[-+~].*$/, '');
}

const since = new Map(releaseFacts.map((row) => [row.fact, row.since]));

const answers = new Map<string, boolean>();

/** Whether a release behaves so. */
export function releaseHas(libseccomp: string, fact: ReleaseFact['fact']): boolean {
  const key = `${libseccomp} ${fact}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const first = since.get(fact);
  const has = first !== undefined && compareVersions(upstream(libseccomp), first) >= 0;
  answers.set(key, has);
  return has;
}

import type { BehaviourRow } from './behaviour.js';

/** In what releases of crun differ. */
export const crunBehaviours: readonly BehaviourRow[] = [
  {
    behaviour: 'action-kill',
    since: '0.14',
    text: 'SCMP_ACT_KILL is a valid action; before, its value 0 was taken for a failure.',
    source: 'containers/crun diff 0.13 0.14 src/libcrun/seccomp.c',
  },
  {
    behaviour: 'action-kill-process',
    since: '0.14',
    text: 'SCMP_ACT_KILL_PROCESS is a valid action.',
    source: 'containers/crun cebb6310',
  },
  {
    behaviour: 'action-kill-thread',
    since: '0.15',
    text: 'SCMP_ACT_KILL_THREAD is a valid action.',
    source: 'containers/crun 4276d0ac',
  },
  {
    behaviour: 'action-log',
    since: '0.15',
    text: 'SCMP_ACT_LOG is a valid action.',
    source: 'containers/crun 47dd153d',
  },
  {
    behaviour: 'action-notify',
    since: '0.15',
    text: 'SCMP_ACT_NOTIFY is a valid action, as the default too.',
    source: 'containers/crun abf8fbd8',
  },
  {
    behaviour: 'conditions-anded',
    text: 'The comparisons of a rule must all hold, unless two of them look at the same argument: then any will do.',
    source: 'containers/crun src/libcrun/seccomp.c',
  },
  {
    behaviour: 'index-by-position',
    until: '0.12.2.1',
    text: 'The index of a comparison is ignored: the first one looks at argument 0, the second at argument 1.',
    source: 'containers/crun diff 0.12.1 0.12.2.1 src/libcrun/seccomp.c',
  },
  {
    behaviour: 'rule-errno',
    since: '0.14',
    text: 'errnoRet of a rule is honoured; before, the errno was EPERM.',
    source: 'containers/crun feeac04f',
  },
  {
    behaviour: 'default-errno',
    since: '0.19',
    text: 'defaultErrnoRet is honoured; before, the errno was EPERM.',
    source: 'containers/crun 0c5b9208',
  },
  {
    behaviour: 'errno-on-other-actions-fails',
    since: '0.19',
    text: 'errnoRet with an action other than ERRNO or TRACE is an error.',
    source: 'containers/crun edf7f157',
  },
  {
    behaviour: 'redundant-skipped',
    since: '0.4',
    text: 'A rule with the default action is dropped.',
    source: 'containers/crun 08229f3f',
  },
  {
    behaviour: 'unknown-names-skipped-in-allow',
    since: '0.5',
    until: '0.10',
    text: 'In ALLOW rules names without a native number are dropped; in other rules unknown ones are an error.',
    source: 'containers/crun 0.5 src/libcrun/seccomp.c',
  },
  {
    behaviour: 'unknown-names-skipped',
    since: '0.11',
    text: 'Names that libseccomp does not know are dropped with a warning that is not shown by default.',
    source: 'containers/crun 4bf26988, ff8f4cac, 27614b15',
  },
  {
    behaviour: 'flags',
    since: '0.9',
    text: 'SECCOMP_FILTER_FLAG_TSYNC, _LOG and _SPEC_ALLOW are valid flags.',
    source: 'containers/crun fefabffa',
  },
  {
    behaviour: 'default-flag-log',
    since: '0.9',
    until: '0.20',
    text: 'Without `flags` every denied call is audited (SECCOMP_FILTER_FLAG_LOG).',
    source: 'containers/crun fefabffa, 9042ac54',
  },
  {
    behaviour: 'default-flag-spec-allow',
    since: '0.9',
    text: 'Without `flags` the filter is loaded with SECCOMP_FILTER_FLAG_SPEC_ALLOW.',
    source: 'containers/crun fefabffa',
  },
  {
    behaviour: 'flag-wait-killable-recv',
    since: '1.6',
    text: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is a valid flag.',
    source: 'containers/crun 396ac888',
  },
];

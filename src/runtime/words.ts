import type { Action } from '../policy/action.js';
import type { AbiName } from '../syscalls/abi.js';
import type { BehaviourName } from './behaviour.js';
import type { Operator } from './libseccomp/chain.js';

/** `SCMP_CMP_*` of the OCI runtime spec. Every runtime release knows these and no others. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['SCMP_CMP_NE', 'ne'],
  ['SCMP_CMP_LT', 'lt'],
  ['SCMP_CMP_LE', 'le'],
  ['SCMP_CMP_EQ', 'eq'],
  ['SCMP_CMP_GE', 'ge'],
  ['SCMP_CMP_GT', 'gt'],
  ['SCMP_CMP_MASKED_EQ', 'masked_eq'],
]);

export interface ActionWord {
  readonly kind: Action['kind'];
  /** What a release must have to accept the word; absent: every one does. */
  readonly needs?: BehaviourName;
}

/** `SCMP_ACT_*` of the OCI runtime spec. */
export const ACTIONS: ReadonlyMap<string, ActionWord> = new Map<string, ActionWord>([
  ['SCMP_ACT_KILL', { kind: 'kill_thread', needs: 'action-kill' }],
  ['SCMP_ACT_KILL_THREAD', { kind: 'kill_thread', needs: 'action-kill-thread' }],
  ['SCMP_ACT_KILL_PROCESS', { kind: 'kill_process', needs: 'action-kill-process' }],
  ['SCMP_ACT_TRAP', { kind: 'trap' }],
  ['SCMP_ACT_ERRNO', { kind: 'errno' }],
  ['SCMP_ACT_TRACE', { kind: 'trace' }],
  ['SCMP_ACT_ALLOW', { kind: 'allow' }],
  ['SCMP_ACT_LOG', { kind: 'log', needs: 'action-log' }],
  ['SCMP_ACT_NOTIFY', { kind: 'notify', needs: 'action-notify' }],
]);

export const EPERM = 1;
export const ENOSYS = 38;

/** The action with its errno cut to 16 bits, as both runtimes do it; other actions have no use for one. */
export function makeAction(kind: Action['kind'], errno: number): Action {
  switch (kind) {
    case 'errno':
      return { kind, errno: errno & 0xffff };
    case 'trace':
      return { kind, data: errno & 0xffff };
    case 'trap':
      return { kind, data: 0 };
    case 'allow':
    case 'log':
    case 'notify':
    case 'kill_thread':
    case 'kill_process':
      return { kind };
  }
}

/** `SCMP_ARCH_*` words of runc (libcontainer/seccomp/config.go), with what a release must have to accept them. */
export const RUNC_ARCHES: ReadonlyMap<string, { readonly abi: AbiName; readonly needs?: BehaviourName }> =
  new Map<string, { readonly abi: AbiName; readonly needs?: BehaviourName }>([
    ['SCMP_ARCH_X86', { abi: 'x86' }],
    ['SCMP_ARCH_X86_64', { abi: 'x86_64' }],
    ['SCMP_ARCH_X32', { abi: 'x32' }],
    ['SCMP_ARCH_ARM', { abi: 'arm' }],
    ['SCMP_ARCH_AARCH64', { abi: 'aarch64' }],
    ['SCMP_ARCH_MIPS', { abi: 'mips' }],
    ['SCMP_ARCH_MIPS64', { abi: 'mips64' }],
    ['SCMP_ARCH_MIPS64N32', { abi: 'mips64n32' }],
    ['SCMP_ARCH_MIPSEL', { abi: 'mipsel' }],
    ['SCMP_ARCH_MIPSEL64', { abi: 'mipsel64' }],
    ['SCMP_ARCH_MIPSEL64N32', { abi: 'mipsel64n32' }],
    ['SCMP_ARCH_PPC', { abi: 'ppc' }],
    ['SCMP_ARCH_PPC64', { abi: 'ppc64' }],
    ['SCMP_ARCH_PPC64LE', { abi: 'ppc64le' }],
    ['SCMP_ARCH_S390', { abi: 's390' }],
    ['SCMP_ARCH_S390X', { abi: 's390x' }],
    ['SCMP_ARCH_RISCV64', { abi: 'riscv64', needs: 'arch-riscv64' }],
    ['SCMP_ARCH_LOONGARCH64', { abi: 'loongarch64', needs: 'arch-loongarch64' }],
  ]);

/** Flags of the OCI runtime spec and runc's own, with what a release must have besides `flags`. */
export const FLAGS: ReadonlyMap<string, BehaviourName> = new Map<string, BehaviourName>([
  ['SECCOMP_FILTER_FLAG_TSYNC', 'flags'],
  ['SECCOMP_FILTER_FLAG_LOG', 'flags'],
  ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'flags'],
  ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'flag-wait-killable-recv'],
]);

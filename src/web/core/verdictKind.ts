import type { Verdict } from '../../explain/verdict.js';

/** What a cell looks like; its word says the rest. */
export type VerdictKind =
  | 'allowed'
  | 'arguments'
  | 'errno'
  | 'enosys'
  | 'killed'
  /** A tracer or a supervisor answers. */
  | 'handed'
  /** No container starts, or it is not known. */
  | 'none';

export function kindOf({ action, errno }: Verdict): VerdictKind {
  switch (action) {
    case 'SCMP_ACT_ALLOW':
    case 'SCMP_ACT_LOG':
      return 'allowed';
    case 'BY_ARGUMENTS':
      return 'arguments';
    case 'SCMP_ACT_ERRNO':
      return errno === 'ENOSYS' ? 'enosys' : 'errno';
    case 'SCMP_ACT_TRACE':
    case 'SCMP_ACT_NOTIFY':
      return 'handed';
    case 'SCMP_ACT_TRAP':
    case 'SCMP_ACT_KILL_THREAD':
    case 'SCMP_ACT_KILL_PROCESS':
      return 'killed';
  }
}

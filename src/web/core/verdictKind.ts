import type { Verdict } from '../../explain/verdict.js';
import type { VerdictKind } from './verdictKinds.js';

/** The look of a verdict. */
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

import type { Action } from './action.js';

/** SCMP_ACT_* as the OCI runtime spec writes it. */
export type ScmpAction =
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_NOTIFY'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_KILL_PROCESS';

export function scmpAction(action: Action): ScmpAction {
  switch (action.kind) {
    case 'allow':
      return 'SCMP_ACT_ALLOW';
    case 'log':
      return 'SCMP_ACT_LOG';
    case 'trace':
      return 'SCMP_ACT_TRACE';
    case 'notify':
      return 'SCMP_ACT_NOTIFY';
    case 'errno':
      return 'SCMP_ACT_ERRNO';
    case 'trap':
      return 'SCMP_ACT_TRAP';
    case 'kill_thread':
      return 'SCMP_ACT_KILL_THREAD';
    case 'kill_process':
      return 'SCMP_ACT_KILL_PROCESS';
  }
}

/** How much an action lets through: a larger number is more permissive. LOG lets the call run as ALLOW does. */
export function permissiveness(action: Action): number {
  switch (action.kind) {
    case 'allow':
    case 'log':
      return 3;
    case 'notify':
    case 'trace':
      return 2;
    case 'errno':
      return 1;
    case 'trap':
    case 'kill_thread':
    case 'kill_process':
      return 0;
  }
}

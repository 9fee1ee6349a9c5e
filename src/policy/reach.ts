import type { Action } from './action.js';
import { letsRun } from './widening.js';

/** How far a call gets: it does not run, another process decides (a tracer, a supervisor), it runs. */
export type Reach = 0 | 1 | 2;

/**
 * How far a call gets with an action. "Wider" everywhere means a larger reach; two errnos, or an errno and a signal,
 * differ without one being wider.
 */
export function reachOf(action: Action): Reach {
  if (letsRun(action)) return 2;
  return action.kind === 'notify' || action.kind === 'trace' ? 1 : 0;
}

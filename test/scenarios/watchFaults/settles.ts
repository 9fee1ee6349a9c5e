import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from '../../patience.js';

/** Milliseconds that a call may take, and the agent's end; a machine with other work is slow. */
export const LIMIT = 5_000 * PATIENCE;
/** And everything that is no call. */
export const SLOW = 60_000 * PATIENCE;

/** Waits until something holds. @returns whether it does */
export async function settles(holds: () => boolean, most = SLOW): Promise<boolean> {
  for (const until = Date.now() + most; Date.now() < until; await sleep(5)) if (holds()) return true;
  return holds();
}

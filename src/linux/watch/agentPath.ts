import { join } from 'node:path';
import type { Environment } from '../host/command.js';

/** Where an agent listens unless it is told otherwise: in a directory that is its user's own, and goes with the boot. */
export function agentPath(env: Environment = process.env, uid: number = process.geteuid?.() ?? -1): string {
  const directory = uid === 0 ? '/run' : (env['XDG_RUNTIME_DIR'] ?? `/run/user/${uid}`);
  return join(directory, 'callgate', 'watch.sock');
}

import module from 'node:module';
import { join } from 'node:path';
import type { Io } from './io/io.js';
import { cacheDirectory, isOurDirectory, makeOwnDirectory } from './ownDirectory.js';

/**
 * Lets Node keep what it compiles of this command (22.1 and newer can). What lies there is run: its directory must be
 * ours and closed to others, so Node's own choice below /tmp is none. Without it the command only starts more slowly.
 */
export function keepCompiled(env: Io['env']): void {
  // Not in the types of the oldest Node that callgate runs on.
  const { enableCompileCache } = module as { readonly enableCompileCache?: (directory: string) => unknown };
  const own = cacheDirectory(env);
  if (enableCompileCache === undefined || own === undefined) return;
  try {
    makeOwnDirectory(own);
    if (isOurDirectory(own)) enableCompileCache(join(own, 'compiled'));
  } catch {
    // Nothing can be kept there.
  }
}

import { type CommandEnd, commandEnd } from './commandEnd.js';
import { forwardSignals } from './forwardSignals.js';
import { type FilteredSpawnOptions, launch } from './spawn.js';
import type { Denial } from './supervisor/denial.js';

/** How a command ended, and what it was denied. */
export interface RunResult extends CommandEnd {
  /** Empty without `onDenial`. */
  readonly denials: readonly Denial[];
  /** Denied calls beyond the kinds that are kept apart in `denials`. */
  readonly unlisted: number;
  /** The supervisor died: from then on denied calls got ENOSYS, and are not in `denials`. */
  readonly supervisorLost: boolean;
  /** Capabilities that were asked for and that this process could not pass on. */
  readonly missingCapabilities: readonly string[];
  readonly noNewPrivileges: boolean;
}

/** As for spawn(), and when denied calls are looked after. */
export type RunOptions = FilteredSpawnOptions & {
  /**
   * When the thread that answers denied calls is started. Default: before the command. `on demand`: with the first
   * denied call, which waits for it some milliseconds longer; for callers whose event loop is never blocked meanwhile.
   */
  readonly supervisor?: 'at once' | 'on demand';
};

/**
 * Runs a command under a filter to its end, with this process's terminal and streams unless `stdio` says otherwise.
 * Signals to this process go to the command, which decides what they mean.
 *
 * Returns when the command itself has ended. Processes that it left behind stay under the filter: what is allowed
 * stays allowed, and their denied calls get the right errno as long as this process lives, ENOSYS after that.
 *
 * @throws {CallgateError} as spawn(), before anything was started. A command that cannot be executed is a result.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { supervisor: start = 'at once', ...options }: RunOptions,
): Promise<RunResult> {
  const forwarding = forwardSignals();
  try {
    const launched = launch(command, args, { stdio: 'inherit', ...options }, start);
    forwarding.to((signal) => launched.child.kill(signal));
    const end = await commandEnd(command, launched);
    const { supervisor, credentials } = launched;
    supervisor?.settle();
    return {
      ...end,
      denials: supervisor?.denials() ?? [],
      unlisted: supervisor?.unlisted() ?? 0,
      supervisorLost: supervisor?.lost() ?? false,
      missingCapabilities: credentials.missing,
      noNewPrivileges: credentials.noNewPrivileges,
    };
  } finally {
    forwarding.stop();
  }
}

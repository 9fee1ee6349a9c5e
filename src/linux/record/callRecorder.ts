import type { Recording } from '../../record/recording.js';
import type { LauncherParts, StartedCommand } from '../startLauncher.js';

/** The recorders that watch a command while it runs. */
export type LiveRecorder = 'user-notification' | 'ebpf';

/** What a recorder has when the command has ended. */
export interface Recorded {
  readonly recording: Recording;
  /** Processes of the command still run; what they call from now on is not recorded. */
  readonly leftBehind: boolean;
  /** The recorder died before the command's end: the recording is not whole. */
  readonly recorderLost: boolean;
}

/** Watches one command. */
export interface CallRecorder {
  readonly kind: LiveRecorder;
  /** Whether it loads a filter, which asks for no_new_privs or CAP_SYS_ADMIN. */
  readonly filters: boolean;
  /** The last steps of the launcher: the next call after them, the command's execve, is recorded. */
  readonly launcher: LauncherParts;
  /** Called once the launcher runs. */
  readonly started: (command: StartedCommand) => void;
  /** Calls that were seen up to now. */
  readonly calls: () => number;
  /** Called once the command has ended. */
  readonly finish: () => Promise<Recorded>;
  /** Gives up what it holds, whatever has happened before. */
  readonly close: () => void;
}

import type { ContainerRuntime, EndedContainer } from '../../oracles/containers.js';
import type { Injection } from '../injection.js';

/** Something that goes wrong around `callgate watch` and the containers that it answers. */
export interface WatchFault {
  readonly name: string;
  /** Default: watch. */
  readonly verb?: 'watch' | 'agent';
  /** Words before the command, from its first call on. */
  readonly around?: readonly string[];
  /** From when it listens until the first containers have ended. */
  readonly injection?: Injection;
  /** Makes a mess where the agent is to listen. */
  readonly before?: (place: Place) => void | Promise<void>;
  /** What happens in the place of one container that makes ten calls. */
  readonly act?: (scene: Scene) => Promise<readonly EndedContainer[]>;
  /** Its standard output: a file by default; a pipe that is closed after a line; one that nobody reads; a full disk. */
  readonly output?: 'file' | 'closes' | 'stuck' | 'full';
  readonly runtime?: ContainerRuntime;
  readonly env?: Readonly<Record<string, string>>;
  readonly ends: readonly WatchEnding[];
  /** Also without CALLGATE_FAULTS=all. */
  readonly always?: boolean;
  /** What the container gets is not what its profile said, because nobody knows that. */
  readonly assumed?: boolean;
  /** What is told on standard error, or as a problem. */
  readonly says?: RegExp;
}

/**
 * How the agent ended: `served` the next container too and ended by the signal it was sent at last, `stopped` by a signal
 * that was the fault, `refused` before it listened and `died` after that with the reason, `killed`, `unstarted` where Node
 * itself could not start.
 */
export type WatchEnding = 'served' | 'stopped' | 'refused' | 'died' | 'killed' | 'unstarted';

export interface WatchOutcome {
  readonly fault: string;
  readonly ending: WatchEnding | undefined;
  /** Of the containers: how their calls were answered, or that they did not start. */
  readonly containers: string;
  /** Milliseconds of the longest call. */
  readonly longest: number;
  readonly milliseconds: number;
  /** What must never be, and was. */
  readonly violations: readonly string[];
}

export interface Place {
  readonly directory: string;
  /** What containers see as /sample. */
  readonly work: string;
  readonly socket: string;
}

export interface Scene extends Place {
  readonly agent: () => number;
  /** A container whose denied calls the agent answers; `count` 0: until `stop`. */
  readonly container: (count?: number, look?: (pid: number) => void) => Promise<EndedContainer>;
  readonly stop: () => void;
  /** A process that is its own runtime; see programs/denied.c. */
  readonly runtime: (fds: string, text?: string, count?: number) => Promise<EndedContainer>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Waits until the agent's output has it. */
  readonly told: (pattern: RegExp) => Promise<void>;
}

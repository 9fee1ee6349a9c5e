import type { MessagePort } from 'node:worker_threads';
import type { Origin } from '../../explain/watch/metadata.js';
import type { ArgumentShapes } from '../supervisor/denial.js';
import type { Batch } from '../supervisor/denialLog.js';
import type { WatchedContainer } from './processState.js';

/** What the agent's thread is given. */
export interface AgentData {
  /** Listens, non-blocking; the thread closes it. */
  readonly socket: number;
  /** Readable when the thread is to do what `request` says. */
  readonly wake: number;
  readonly shared: Int32Array;
  readonly counters: BigInt64Array;
  /** A bit for each fd that is an open listener: whoever finds it after the thread's death closes it. */
  readonly listeners: Uint8Array;
  /** AgentMessages go here. */
  readonly port: MessagePort;
  readonly shapes: ArgumentShapes;
  /** For calls of containers whose metadata says nothing. */
  readonly defaultErrno: number;
}

/** Words of the memory that the two threads share. */
export const SHARED = {
  /** Bits of REQUEST. */
  request: 0,
  /** Messages with denials that were sent and not taken yet. */
  pending: 1,
  /** Threads that a container's memory holds up: this process does not end by itself before the container does. */
  stuck: 2,
} as const;
export const SHARED_WORDS = 3;

/** Beyond fs.nr_open's default of 1,048,576 no process opens a file. */
export const FD_BYTES = (1 << 20) / 8;

/** Bits: a request to stop stays when one to flush comes after it. */
export const REQUEST = { flush: 1, stop: 2 } as const;

/** 64-bit numbers that the threads share. */
export const COUNTER = {
  /** Calls that were answered. */
  answered: 0,
  /** Listeners that are open; after the agent's end, that were open then. */
  listeners: 1,
  /** Calls that had ended before they were answered: the caller was killed, or a signal came. */
  vanished: 2,
} as const;
export const COUNTERS = 3;

export type AgentMessage =
  | AgentReport
  /** Containers are served from now on. */
  | { readonly kind: 'serving' }
  /** A flush is done: everything before was sent. */
  | { readonly kind: 'flushed' }
  /** The last message. */
  | { readonly kind: 'stopped' };

export type AgentReport =
  | {
      readonly kind: 'opened';
      readonly key: number;
      readonly container: WatchedContainer;
      readonly metadata: string | undefined;
      /** False when the metadata is not of a watch profile: the answers are the default ones. */
      readonly known: boolean;
      readonly origin: Origin | undefined;
    }
  | { readonly kind: 'denials'; readonly key: number; readonly batch: Batch }
  /** The last process of the container has ended. */
  | { readonly kind: 'closed'; readonly key: number }
  | { readonly kind: 'problem'; readonly text: string };

import type { MessagePort } from 'node:worker_threads';

/** Words of the memory that the supervisor's thread shares with the one that started it. */
export const SHARED = {
  /** One of REQUEST; read after each wake-up. */
  request: 0,
  /** Counts the flushes that are done; waited on with Atomics.wait. */
  flushed: 1,
  /** The listener's fd + 1 while it is open; 0 otherwise. Whoever finds it after the thread's death closes it. */
  listener: 2,
  /** The same for the socket on which the listener comes. */
  socket: 3,
  /** Not 0 when the thread could not take the listener: it dies of that, but its death may be heard of after the command's. */
  failed: 4,
} as const;
export const SHARED_WORDS = 5;

export const REQUEST = { none: 0, flush: 1, stop: 2 } as const;

/** What the supervisor's thread is given. */
export interface SupervisorData {
  /** The original filter, as bytes of this machine. */
  readonly filter: Uint8Array;
  /** Where denied calls come from, or the socket on which the launcher sends that; the thread closes it. */
  readonly source: { readonly kind: 'socket' | 'listener'; readonly fd: number };
  /** Readable when `request` changed. */
  readonly wake: number;
  readonly shared: Int32Array;
  /** Batches of denials go here. */
  readonly port: MessagePort;
  /** Path of the launcher, whose own calls are not the command's. */
  readonly launcher: string;
}

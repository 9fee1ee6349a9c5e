import { closeSync, writeSync } from 'node:fs';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { CallgateError } from '../../error.js';
import { eventFd, libc } from '../ffi.js';
import type { Denial } from './denial.js';
import type { Batch } from './denialLog.js';
import { awaitFirstDenial } from './firstDenial.js';
import { REQUEST, SHARED, SHARED_WORDS, type SupervisorData } from './protocol.js';
import { superviseInThread } from './thread.js';

export interface SupervisorOptions {
  /** The original filter, as bytes of this machine. */
  readonly filter: Uint8Array;
  /** Where the launcher sends the listener; it is closed by the supervisor, whatever happens. */
  readonly socket: number;
  readonly launcher: string;
  /** When its thread starts: before the command, or with the first denied call, from this thread's event loop. */
  readonly start: 'at once' | 'on demand';
  /** Called for each new kind of denial, and again, with a higher count, when it was repeated. */
  readonly onDenial?: ((denial: Denial) => void) | undefined;
  /** The thread died. The kernel answers ENOSYS from then on. */
  readonly onLost?: ((error: CallgateError) => void) | undefined;
}

/** A thread that answers and reports the denied calls of one command. */
export interface Supervisor {
  /**
   * Waits (blocking, for a second at most) until every denial that was answered so far has been reported.
   * Call it when the command has ended.
   */
  readonly flush: () => void;
  /** What was denied up to the last report, in the order of first appearance. */
  readonly denials: () => readonly Denial[];
  /** Denied calls that are not in `denials`, because there were more kinds than can be kept. */
  readonly unlisted: () => number;
  readonly lost: () => boolean;
  /** The command has ended. A thread that was not needed by now is not started later: then the listener is closed. */
  readonly settle: () => void;
  /** Ends the thread. Denied calls of processes that are left get ENOSYS. */
  readonly stop: () => void;
}

const TIMEOUT = 1000;

/** Supervisors that must be told when this process ends; each gives false when its thread did not react. */
const running = new Set<() => boolean>();

// Node waits for its threads when it ends, and one of these may have been made to wait for ever: a command can let a
// read of its memory hang (userfaultfd, FUSE).
function onProcessExit(code: number): void {
  const reacted = [...running].map((stop) => stop());
  if (reacted.includes(false)) libc().exitNow(code);
}

/** Starts to supervise a command; this does not keep the process alive. @throws {CallgateError} HOST */
export function startSupervisor(options: SupervisorOptions): Supervisor {
  const wake = eventFd();
  const shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_WORDS));
  Atomics.store(shared, SHARED.socket, options.socket + 1);
  let port: MessagePort | undefined;
  const denials = new Map<number, Denial>();
  let unlisted = 0;
  let ended = false;
  let lost = false;
  const take = (batch: Batch): void => {
    unlisted = batch.unlisted;
    for (const [key, denial] of batch.denials) {
      denials.set(key, denial);
      options.onDenial?.(denial);
    }
  };
  const drain = (): void => {
    if (port === undefined) return;
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      take(next.message as Batch);
    }
  };
  const request = (what: number): void => {
    if (ended) return;
    Atomics.store(shared, SHARED.request, what);
    writeSync(wake, new Uint8Array(new BigUint64Array([1n]).buffer));
  };
  /** Waits until the thread has done what was asked. Before it holds the listener there is nothing to do. */
  const acknowledged = (what: number): boolean => {
    if (port === undefined) return true;
    // Read first: a thread that ends takes the listener away, then counts once more.
    const before = Atomics.load(shared, SHARED.flushed);
    if (ended || Atomics.load(shared, SHARED.listener) === 0) {
      request(what);
      return true;
    }
    request(what);
    return Atomics.wait(shared, SHARED.flushed, before, TIMEOUT) !== 'timed-out';
  };
  const stop = (): boolean => {
    if (port === undefined) request(REQUEST.stop);
    return acknowledged(REQUEST.stop);
  };

  const end = (death: { readonly reason: unknown } | undefined): void => {
    ended = true;
    running.delete(stop);
    if (running.size === 0) process.removeListener('exit', onProcessExit);
    drain();
    port?.close();
    closeSync(wake);
    if (death === undefined) return;
    // A thread that died has left these open, and callers would wait for ever. Closed, the kernel answers ENOSYS.
    for (const word of [SHARED.socket, SHARED.listener]) {
      const fd = Atomics.exchange(shared, word, 0);
      if (fd !== 0) closeSync(fd - 1);
    }
    lost = true;
    options.onLost?.(
      new CallgateError('HOST', 'the supervisor of denied calls has died; they get ENOSYS from now on', {
        cause: death.reason,
      }),
    );
  };
  const startThread = (source: SupervisorData['source']): void => {
    const { port1, port2 } = new MessageChannel();
    const { filter, launcher } = options;
    superviseInThread({ filter, launcher, source, wake, shared, port: port2 }, end);
    port = port1;
    port1.on('message', take);
    port1.unref();
  };
  if (options.start === 'on demand') {
    const lose = (reason: unknown): void => end({ reason });
    const takeOver = (source: SupervisorData['source'] | undefined): void => {
      if (source === undefined) return end(undefined);
      try {
        startThread(source);
      } catch (reason) {
        lose(reason);
      }
    };
    awaitFirstDenial({ socket: options.socket, wake, shared }, takeOver, lose);
  } else {
    try {
      startThread({ kind: 'socket', fd: options.socket });
    } catch (error) {
      closeSync(wake);
      closeSync(options.socket);
      throw error;
    }
  }
  if (running.size === 0) process.on('exit', onProcessExit);
  running.add(stop);

  return {
    flush: () => {
      acknowledged(REQUEST.flush);
      drain();
    },
    denials: () => [...denials.values()],
    unlisted: () => unlisted,
    lost: () => lost || Atomics.load(shared, SHARED.failed) !== 0,
    settle: () => {
      if (port === undefined) request(REQUEST.stop);
    },
    stop: () => void request(REQUEST.stop),
  };
}

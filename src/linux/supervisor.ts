import { closeSync, existsSync, writeSync } from 'node:fs';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { CallgateError } from '../error.js';
import type { ArgumentShapes, Denial } from './denial.js';
import type { Batch } from './denialLog.js';
import { eventFd, libc } from './ffi.js';
import { REQUEST, SHARED, SHARED_WORDS, type SupervisorData } from './supervisorProtocol.js';

export interface SupervisorOptions {
  /** The original filter, as bytes of this machine. */
  readonly filter: Uint8Array;
  /** Where the launcher sends the listener; it is closed by the supervisor. */
  readonly socket: number;
  readonly shapes: ArgumentShapes;
  readonly launcher: string;
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
  /** Ends the thread. Denied calls of processes that are left get ENOSYS. */
  readonly stop: () => void;
}

const TIMEOUT = 1000;

/** In the built package the thread's entry lies beside or above this module; the sources use the built one. */
const WORKER = ['./supervisorWorker.js', '../supervisorWorker.js', '../../dist/supervisorWorker.js'];

function workerUrl(): URL {
  const url = WORKER.map((path) => new URL(path, import.meta.url)).find(existsSync);
  if (url === undefined) {
    throw new CallgateError('HOST', 'supervisorWorker.js is missing from the installation of callgate', {
      hint: 'install it again; in a checkout, run npm run build',
    });
  }
  return url;
}

/** Starts the thread. It does not keep the process alive. @throws {CallgateError} HOST */
export function startSupervisor(options: SupervisorOptions): Supervisor {
  const url = workerUrl();
  const wake = eventFd();
  const shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_WORDS));
  Atomics.store(shared, SHARED.socket, options.socket + 1);
  const { port1, port2 } = new MessageChannel();
  const data: SupervisorData = {
    filter: options.filter,
    socket: options.socket,
    wake,
    shared,
    port: port2,
    shapes: options.shapes,
    launcher: options.launcher,
  };
  const worker = new Worker(url, {
    workerData: data,
    transferList: [port2],
    // Nothing of the host's flags (loaders, inspectors) belongs in this thread.
    execArgv: [],
    // It closes fds that Node did not open.
    trackUnmanagedFds: false,
    name: 'callgate supervisor',
  });

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
    for (let next = receiveMessageOnPort(port1); next !== undefined; next = receiveMessageOnPort(port1)) {
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
    // Read first: a thread that ends takes the listener away, then counts once more.
    const before = Atomics.load(shared, SHARED.flushed);
    if (ended || Atomics.load(shared, SHARED.listener) === 0) {
      request(what);
      return true;
    }
    request(what);
    return Atomics.wait(shared, SHARED.flushed, before, TIMEOUT) !== 'timed-out';
  };
  // Node waits for its threads when it ends, and this one may be made to wait for ever: a command can let a read of its
  // memory hang (userfaultfd, FUSE).
  const onProcessExit = (code: number): void => {
    if (!acknowledged(REQUEST.stop)) libc().exitNow(code);
  };

  const end = (error: unknown): void => {
    if (ended) return;
    ended = true;
    process.removeListener('exit', onProcessExit);
    drain();
    port1.close();
    closeSync(wake);
    // A thread that died has left these open, and callers would wait for ever. Closed, the kernel answers ENOSYS.
    const left = [SHARED.socket, SHARED.listener].map((word) => Atomics.exchange(shared, word, 0));
    for (const fd of left) if (fd !== 0) closeSync(fd - 1);
    if (left.some((fd) => fd !== 0) || error !== undefined) {
      lost = true;
      options.onLost?.(
        new CallgateError('HOST', 'the supervisor of denied calls has died; they get ENOSYS from now on', {
          cause: error,
        }),
      );
    }
  };
  let failure: unknown;
  worker.on('error', (error) => {
    failure = error;
  });
  worker.on('exit', () => end(failure));
  port1.on('message', take);
  port1.unref();
  worker.unref();
  process.on('exit', onProcessExit);

  return {
    flush: () => {
      acknowledged(REQUEST.flush);
      drain();
    },
    denials: () => [...denials.values()],
    unlisted: () => unlisted,
    lost: () => lost,
    stop: () => request(REQUEST.stop),
  };
}

import { closeSync, writeSync } from 'node:fs';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { CallgateError } from '../../error.js';
import { eventFd, libc } from '../ffi.js';
import { hostMachine } from '../machine.js';
import { argumentShapes } from '../supervisor/argumentShapes.js';
import { workerEntry } from '../workerEntry.js';
import {
  type AgentData,
  type AgentMessage,
  type AgentReport,
  COUNTER,
  COUNTERS,
  FD_BYTES,
  REQUEST,
  SHARED,
  SHARED_WORDS,
} from './agentProtocol.js';
import type { AgentSocket } from './agentSocket.js';
import { closeFd } from './closeFd.js';

/** What an agent did so far. */
export interface AgentCounts {
  /** Calls that were answered. */
  readonly answered: bigint;
  /** Calls whose caller was killed or interrupted before its answer. */
  readonly vanished: bigint;
  /** Listeners that are open: one for each container, and one more for each command that was executed in it later. */
  readonly listeners: number;
}

/** The thread that answers. */
export interface AgentThread {
  readonly counts: () => AgentCounts;
  readonly flush: () => Promise<void>;
  readonly stop: () => void;
  /** Settles when it has begun. */
  readonly serving: Promise<void>;
  readonly closed: Promise<void>;
}

/** Milliseconds for a thread that is to stop. What it does takes none, but a file may hold it up. */
const MOST_STOPPING = 4000;

/** Agents with threads that only a container's end wakes. */
const held = new Set<Int32Array>();

// Node waits for its threads when it ends.
function onProcessExit(code: number): void {
  if ([...held].some((shared) => Atomics.load(shared, SHARED.stuck) > 0)) libc().exitNow(code);
}

/** @param socket is closed with the thread @throws {CallgateError} HOST */
export function startAgentThread(
  socket: AgentSocket,
  defaultErrno: number,
  take: (report: AgentReport) => void,
): AgentThread {
  const wake = eventFd();
  const shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_WORDS));
  const counters = new BigInt64Array(new SharedArrayBuffer(8 * COUNTERS));
  const listeners = new Uint8Array(new SharedArrayBuffer(FD_BYTES));
  const { port1, port2 } = new MessageChannel();
  const data: AgentData = {
    socket: socket.fd,
    wake,
    shared,
    counters,
    listeners,
    port: port2,
    shapes: argumentShapes(hostMachine()),
    defaultErrno,
  };
  const worker = new Worker(workerEntry('watchWorker'), {
    execArgv: [],
    trackUnmanagedFds: false,
    workerData: data,
    transferList: [port2],
    name: 'callgate watch',
  });
  if (held.size === 0) process.on('exit', onProcessExit);
  held.add(shared);

  let ended = false;
  /** A second request before the first is served is one with it. */
  const flushes: (() => void)[] = [];
  const request = (what: number): void => {
    if (ended) return;
    Atomics.or(shared, SHARED.request, what);
    writeSync(wake, new Uint8Array(new BigUint64Array([1n]).buffer));
  };
  let begin = (): void => undefined;
  const serving = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let giveUp = (): void => undefined;
  const closed = new Promise<void>((resolve, reject) => {
    let reason: unknown;
    worker.on('error', (error) => {
      reason = error;
    });
    giveUp = () => {
      if (ended) return;
      // This process does not wait for it when it ends, and with it everything is closed.
      Atomics.add(shared, SHARED.stuck, 1);
      end(() => reject(new CallgateError('HOST', 'the agent’s thread does not stop: it is left behind')));
    };
    const end = (finish: () => void): void => {
      if (ended) return;
      ended = true;
      const left = socket.unlink();
      if (left !== undefined) take({ kind: 'problem', text: `its socket stays: ${left}` });
      closeSync(wake);
      finish();
      port1.close();
      worker.unref();
      for (const flushed of flushes.splice(0)) flushed();
    };
    const receive = (message: AgentMessage): void => {
      switch (message.kind) {
        case 'serving':
          return begin();
        case 'flushed':
          for (const flushed of flushes.splice(0)) flushed();
          return;
        // A reader that hangs keeps the thread itself from ending.
        case 'stopped':
          return end(resolve);
        case 'denials':
          Atomics.sub(shared, SHARED.pending, 1);
          return take(message);
        case 'opened':
        case 'closed':
        case 'problem':
          return take(message);
      }
    };
    port1.on('message', receive);
    worker.on('exit', () => {
      if (ended) return;
      // Its last words may still wait here, "stopped" among them.
      for (let next = receiveMessageOnPort(port1); next !== undefined; next = receiveMessageOnPort(port1)) {
        receive(next.message as AgentMessage);
        if (ended) return;
      }
      end(() => {
        // A thread that died has left these open, and callers would wait for ever. Closed, the kernel answers ENOSYS.
        for (const fd of openFds(listeners)) closeFd(fd);
        closeSync(socket.fd);
        reject(
          new CallgateError('HOST', `the agent has died${why(reason)}; denied calls get ENOSYS from now on`, {
            cause: reason,
          }),
        );
      });
    });
  });
  return {
    counts: () => ({
      answered: Atomics.load(counters, COUNTER.answered),
      vanished: Atomics.load(counters, COUNTER.vanished),
      listeners: Number(Atomics.load(counters, COUNTER.listeners)),
    }),
    flush: async () => {
      if (ended) return;
      await new Promise<void>((resolve) => {
        flushes.push(resolve);
        request(REQUEST.flush);
      });
    },
    stop: () => {
      request(REQUEST.stop);
      setTimeout(giveUp, MOST_STOPPING).unref();
    },
    serving,
    closed,
  };
}

function why(reason: unknown): string {
  return reason instanceof Error ? ` (${reason.message})` : '';
}

function* openFds(bits: Uint8Array): Iterable<number> {
  for (const [index, byte] of bits.entries())
    for (let bit = 0; byte >> bit !== 0; bit++) if ((byte >> bit) & 1) yield 8 * index + bit;
}

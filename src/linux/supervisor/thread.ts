import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CallgateError } from '../../error.js';
import { workerEntry } from '../workerEntry.js';
import type { SupervisorData } from './protocol.js';

/** Threads that wait for their next command: starting one takes longer than most commands. */
const MAX_IDLE = 4;

interface Thread {
  readonly worker: Worker;
  /** Called once: the command is done, or the thread died (with the reason, if there is one). */
  ended: ((death: { readonly reason: unknown } | undefined) => void) | undefined;
}

const idle: Thread[] = [];

/**
 * Gives a command to a thread, one of its own as long as it runs: a command that makes its supervisor wait must not
 * stop another one's. The thread does not keep the process alive.
 * @throws {CallgateError} HOST
 */
export function superviseInThread(data: SupervisorData, ended: NonNullable<Thread['ended']>): void {
  const thread = idle.pop() ?? startThread();
  thread.ended = ended;
  thread.worker.postMessage(data, [data.port]);
}

/** Starts the thread of a command that comes later, and waits until it runs. @throws {CallgateError} HOST */
export async function prepareThread(): Promise<void> {
  const thread = startThread();
  thread.worker.ref();
  try {
    await once(thread.worker, 'online');
  } catch (cause) {
    throw new CallgateError('HOST', 'there is no room for the thread that answers denied calls', { cause });
  }
  thread.worker.unref();
  idle.push(thread);
}

function startThread(): Thread {
  const worker = new Worker(workerEntry('supervisorWorker'), {
    // Nothing of the host's flags (loaders, inspectors) belongs in this thread.
    execArgv: [],
    // It closes fds that Node did not open.
    trackUnmanagedFds: false,
    name: 'callgate supervisor',
  });
  const thread: Thread = { worker, ended: undefined };
  let reason: unknown;
  worker.on('message', () => {
    const { ended } = thread;
    thread.ended = undefined;
    if (idle.length < MAX_IDLE) idle.push(thread);
    else void worker.terminate();
    ended?.(undefined);
  });
  worker.on('error', (error) => {
    reason = error;
  });
  worker.on('exit', () => {
    const position = idle.indexOf(thread);
    if (position >= 0) idle.splice(position, 1);
    thread.ended?.({ reason });
  });
  worker.unref();
  return thread;
}

import { closeSync, readSync } from 'node:fs';
import { decode } from '../../bpf/encode.js';
import { prepare } from '../../bpf/interpret.js';
import { fromReturnValue } from '../../policy/action.js';
import { EINTR, MAX_ERRNO, POLLERR, POLLHUP, POLLIN } from '../constants.js';
import type { Libc } from '../ffi.js';
import type { ArgumentShape, ArgumentShapes, ArgumentString } from './denial.js';
import { denialLog, type Event, type Repeat } from './denialLog.js';
import { executableReader } from './executable.js';
import { receiveListener } from './listenerSocket.js';
import { type Notifications, notifications, UNANSWERED } from './notification.js';
import { pollSet } from './pollSet.js';
import { stringReader } from './processMemory.js';
import { REQUEST, SHARED, type SupervisorData } from './protocol.js';
import { repeatedCalls } from './repeatedCalls.js';

/** Milliseconds between two batches of reports at least; a flush does not wait. */
const BATCH_INTERVAL = 50;

/**
 * Answers every denied call with the errno that the filter gives, and reports it. Does not return to the event loop
 * until the last process of the command has ended, or a stop is requested. Then the listener is closed, and the kernel
 * answers ENOSYS to denied calls of whatever is left.
 */
export function supervise(c: Libc, data: SupervisorData, shapes: ArgumentShapes): void {
  const { shared, wake, port, source } = data;
  const listener = source.kind === 'listener' ? source.fd : awaitListener(c, data);
  if (listener === undefined) return;
  Atomics.store(shared, SHARED.listener, listener + 1);
  const log = denialLog();
  const queue = notifications(c, listener);
  const handle = handler(c, queue, data, shapes, log.add);
  const poll = poller(c, [listener, wake]);
  let nextBatch = 0;
  const report = (): void => {
    if (!log.hasChanges()) return;
    port.postMessage(log.takeBatch());
    nextBatch = Date.now() + BATCH_INTERVAL;
  };

  for (let gone = false; !gone; ) {
    const [events = 0, woken = 0] = poll(log.hasChanges() ? Math.max(0, nextBatch - Date.now()) : -1);
    if (events & POLLIN) {
      const outcome = queue.receive();
      if (outcome === 'received') handle();
      gone = outcome === 'gone';
    } else {
      gone = (events & (POLLHUP | POLLERR)) !== 0;
    }
    if (Date.now() >= nextBatch) report();
    if (woken & POLLIN) {
      report();
      gone ||= takeRequest(data) === REQUEST.stop;
    }
  }
  report();
  Atomics.store(shared, SHARED.listener, 0);
  countFlush(shared);
  closeSync(listener);
}

/** Waits for the launcher. Undefined when it ended without a filter, or a stop came first. */
function awaitListener(c: Libc, data: SupervisorData): number | undefined {
  const poll = poller(c, [data.source.fd, data.wake]);
  try {
    for (;;) {
      const [events = 0, woken = 0] = poll(-1);
      if (events !== 0) return receiveListener(c, data.source.fd);
      if (woken & POLLIN && takeRequest(data) === REQUEST.stop) return undefined;
    }
  } catch (error) {
    Atomics.store(data.shared, SHARED.failed, 1);
    throw error;
  } finally {
    Atomics.store(data.shared, SHARED.socket, 0);
    closeSync(data.source.fd);
  }
}

/** Acknowledges a request and gives it. */
function takeRequest({ wake, shared }: SupervisorData): number {
  readSync(wake, new Uint8Array(8));
  const request = Atomics.load(shared, SHARED.request);
  countFlush(shared);
  return request;
}

function countFlush(shared: Int32Array): void {
  Atomics.add(shared, SHARED.flushed, 1);
  Atomics.notify(shared, SHARED.flushed);
}

/** poll(2) for reading on a few fds: gives each one's events. */
function poller(c: Libc, fds: readonly number[]): (timeout: number) => number[] {
  const set = pollSet(fds);
  return (timeout) => {
    if (c.poll(set.bytes, fds.length, timeout) < 0) {
      if (c.errno() === EINTR) return fds.map(() => 0);
      throw new Error(`poll: errno ${c.errno()}`);
    }
    return fds.map((_, index) => set.events(index));
  };
}

/** Handles the call that was received last. */
function handler(
  c: Libc,
  queue: Notifications,
  data: SupervisorData,
  shapes: ArgumentShapes,
  add: (event: Event, shape: ArgumentShape | undefined) => Repeat | undefined,
): () => void {
  const machine = prepare(decode(data.filter, 'little'));
  const readString = stringReader(c);
  const executable = executableReader(c);
  const repeats = repeatedCalls();
  const own = new Set([data.launcher, `${data.launcher} (deleted)`]);

  return () => {
    const action = fromReturnValue(machine.run(queue.data));
    // Only ERRNO was made a notification. A filter's own USER_NOTIF has no listener of its own: ENOSYS, as without us.
    const errno = action.kind === 'errno' ? action.errno : UNANSWERED;
    const pid = queue.pid();
    // The process waits while it is looked at, so this comes before the answer. That an answer is taken says that the
    // call was still waiting, and the pid that of its process (kernel/seccomp.c: seccomp_notify_send, ENOENT).
    const exe = executable(pid);
    const repeat = repeats.find(queue.data, exe, errno);
    if (repeat !== undefined) {
      if (queue.answer(errno)) repeat(Date.now());
      return;
    }
    const auditArch = queue.auditArch();
    const number = queue.number();
    const args = queue.args();
    const shape = shapes.get(auditArch)?.get(number);
    const strings: ArgumentString[] = [];
    for (let index = 0; index < (shape?.length ?? 0); index++) {
      const text = shape?.[index] === 's' ? readString(pid, index, args[index] ?? 0n) : undefined;
      if (text !== undefined) strings.push(text);
    }
    if (!queue.answer(errno)) return;
    if (exe !== undefined && own.has(exe)) return;
    const again = add(
      { time: Date.now(), pid, exe, auditArch, number, args, strings, errno: Math.min(errno, MAX_ERRNO) },
      shape,
    );
    if (again !== undefined) repeats.remember(queue.data, exe, errno, shape, again);
  };
}

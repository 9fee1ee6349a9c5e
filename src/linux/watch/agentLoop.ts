import { readSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { readMetadata } from '../../explain/watch/metadata.js';
import { POLLERR, POLLHUP, POLLIN } from '../constants.js';
import type { Libc } from '../ffi.js';
import { notifications } from '../supervisor/notification.js';
import { type AgentData, type AgentMessage, COUNTER, REQUEST, SHARED } from './agentProtocol.js';
import { answerer, type Listener } from './answerer.js';
import { closeFd } from './closeFd.js';
import { connections } from './connections.js';
import { containerLogs } from './containerLogs.js';
import { epoll } from './epoll.js';
import { guardedReader } from './guardedReader.js';
import type { PendingConnection } from './pendingConnection.js';
import { sameFile } from './sameFile.js';

/** Milliseconds between looks at connections over which nothing comes. */
const PATROL = 500;

type Watched =
  | { readonly kind: 'socket' }
  | { readonly kind: 'wake' }
  | { readonly kind: 'connection'; readonly connection: PendingConnection }
  | { readonly kind: 'listener'; readonly listener: Listener };

/**
 * Takes listeners from runtimes and answers their calls with the errno that the original profile gave, until it is told
 * to stop. One thread serves all containers: every ready listener gets one answer a round, so that none waits for a busy
 * one, and nothing in the loop waits for a container. What goes wrong with one listener ends that one alone. In the end,
 * also by an error, the listeners are closed, and the kernel answers ENOSYS to what is left.
 */
export function serve(c: Libc, data: AgentData): void {
  const { shared, counters, port } = data;
  const polled = epoll(c);
  const watched = new Map<number, Watched>();
  const pending = new Map<number, PendingConnection>();
  const logs = containerLogs(data);
  const incoming = connections(c, data.socket);
  const reader = guardedReader((count) => void Atomics.store(shared, SHARED.stuck, count));
  const answerOne = answerer(reader.read, logs.add, data);
  let lastToken = 0;
  let acceptAgainAt = 0;

  const post = (message: AgentMessage): void => port.postMessage(message);
  const problem = (text: string): void => post({ kind: 'problem', text });
  /** Gives its token, or a negative errno. */
  const add = (fd: number, entry: Watched): number => {
    const token = ++lastToken;
    const errno = polled.add(fd, token);
    if (errno !== 0) return -errno;
    watched.set(token, entry);
    return token;
  };
  const accept = (): void => {
    const { accepted, problems, pause } = incoming.arrived();
    problems.forEach(problem);
    for (const connection of accepted) {
      const token = add(connection.fd, { kind: 'connection', connection });
      if (token > 0) pending.set(token, connection);
      else {
        connection.close();
        problem(`a runtime's connection was refused: it cannot be waited for (${getSystemErrorName(token)})`);
      }
    }
    // A socket that stays readable would keep the loop busy.
    if (pause !== undefined) pauseAccepting(pause);
  };
  const pauseAccepting = (milliseconds: number): void => {
    polled.remove(data.socket);
    acceptAgainAt = Date.now() + milliseconds;
  };
  const acceptAgain = (): void => {
    acceptAgainAt = 0;
    if (add(data.socket, { kind: 'socket' }) < 0) acceptAgainAt = Date.now() + PATROL;
  };
  const forget = (token: number): void => {
    watched.delete(token);
    pending.delete(token);
  };
  const receive = (token: number, connection: PendingConnection): void => {
    const taken = incoming.receive(connection);
    if (taken.kind === 'more') return;
    forget(token);
    if (taken.kind === 'silent') return;
    if (taken.kind === 'refused') return problem(`a runtime's connection was refused: ${taken.why}`);
    const { state, listener: fd } = taken;
    if (isServed(fd)) {
      // Its calls come once. Whoever takes them by the other fd would let this one wait for the next for ever.
      closeFd(fd);
      return problem(`a runtime's connection was refused: its listener came before`);
    }
    const metadata = readMetadata(state.metadata);
    const answers = metadata?.answers ?? { errno: data.defaultErrno, others: new Map() };
    const listener = { fd, queue: notifications(c, fd), log: logs.open(state, metadata), answers };
    mark(data.listeners, fd, true);
    Atomics.add(counters, COUNTER.listeners, 1n);
    const added = add(fd, { kind: 'listener', listener });
    if (added < 0) lose(listener, new Error(`epoll_ctl: ${getSystemErrorName(added)}`));
  };
  const isServed = (fd: number): boolean =>
    [...watched.values()].some((entry) => entry.kind === 'listener' && sameFile(c, entry.listener.fd, fd));
  const close = ({ fd, log }: Listener): void => {
    mark(data.listeners, fd, false);
    closeFd(fd);
    logs.close(log);
  };
  const closeEnded = (listener: Listener): void => {
    close(listener);
    Atomics.sub(counters, COUNTER.listeners, 1n);
  };
  const lose = (listener: Listener, error: unknown): void => {
    closeEnded(listener);
    problem(
      `${listener.log.id} is watched no more, its denied calls get ENOSYS: ${(error as Error).message}`,
    );
  };
  const patrol = (now: number): void => {
    for (const [token, connection] of pending) {
      if (connection.deadline > now) continue;
      forget(token);
      connection.close();
      problem('a connection was closed: no container’s state came over it');
    }
  };
  /** False when it is told to stop. */
  const obey = (): boolean => {
    readSync(data.wake, new Uint8Array(8));
    logs.flush();
    post({ kind: 'flushed' });
    return (Atomics.load(shared, SHARED.request) & REQUEST.stop) === 0;
  };
  /** False at the end. */
  const handle = (token: number, events: number): boolean => {
    const entry = watched.get(token);
    switch (entry?.kind) {
      case undefined:
        return true;
      case 'wake':
        return obey();
      case 'socket':
        accept();
        return true;
      case 'connection':
        receive(token, entry.connection);
        return true;
      case 'listener':
        serveListener(token, entry.listener, events);
        return true;
    }
  };
  const serveListener = (token: number, listener: Listener, events: number): void => {
    try {
      const gone = (events & POLLIN) !== 0 ? !answerOne(listener) : (events & (POLLHUP | POLLERR)) !== 0;
      if (!gone) return;
      forget(token);
      closeEnded(listener);
    } catch (error) {
      forget(token);
      lose(listener, error);
    }
  };
  const loop = (): void => {
    for (const [fd, kind] of [[data.wake, 'wake'] as const, [data.socket, 'socket'] as const]) {
      const added = add(fd, { kind });
      if (added < 0) throw new Error(`epoll_ctl: ${getSystemErrorName(added)}`);
    }
    post({ kind: 'serving' });
    for (let going = true; going; ) {
      const now = Date.now();
      const due = logs.reportDue(now);
      patrol(now);
      if (acceptAgainAt !== 0 && now >= acceptAgainAt) acceptAgain();
      const again = acceptAgainAt === 0 ? -1 : Math.max(0, acceptAgainAt - now);
      const wait = least([due, pending.size > 0 ? PATROL : -1, again]);
      for (const [token, events] of polled.wait(wait)) going = handle(token, events) && going;
    }
  };

  try {
    loop();
  } finally {
    for (const entry of watched.values()) {
      if (entry.kind === 'listener') close(entry.listener);
      else if (entry.kind === 'connection') entry.connection.close();
    }
    incoming.close();
    polled.close();
    reader.stop();
  }
  closeFd(data.socket);
  post({ kind: 'stopped' });
}

/** Of timeouts, where -1 is none. */
function least(timeouts: readonly number[]): number {
  const some = timeouts.filter((timeout) => timeout >= 0);
  return some.length === 0 ? -1 : Math.min(...some);
}

function mark(bits: Uint8Array, fd: number, open: boolean): void {
  const bit = 1 << (fd & 7);
  const byte = bits[fd >> 3];
  if (byte !== undefined) bits[fd >> 3] = open ? byte | bit : byte & ~bit;
}

import { closeSync, readSync } from 'node:fs';
import { readMetadata } from '../../explain/watch/metadata.js';
import { POLLERR, POLLHUP, POLLIN } from '../constants.js';
import type { Libc } from '../ffi.js';
import { notifications } from '../supervisor/notification.js';
import { type AgentData, type AgentMessage, COUNTER, REQUEST, SHARED } from './agentProtocol.js';
import { answerer, type Listener } from './answerer.js';
import { acceptAll } from './connections.js';
import { containerLogs } from './containerLogs.js';
import { epoll } from './epoll.js';
import { guardedReader } from './guardedReader.js';
import type { PendingConnection } from './pendingConnection.js';
import { messageReader } from './unixSocket.js';

/** Milliseconds without new connections when the process may not open more files. */
const BREATH = 100;
/** Milliseconds between looks at connections over which nothing comes. */
const PATROL = 1000;

type Watched =
  | { readonly kind: 'socket' }
  | { readonly kind: 'wake' }
  | { readonly kind: 'connection'; readonly connection: PendingConnection }
  | { readonly kind: 'listener'; readonly listener: Listener };

/**
 * Takes listeners from runtimes and answers their calls with the errno that the original profile gave, until it is told
 * to stop. One thread serves all containers: every ready listener gets one answer a round, so that none waits for a busy
 * one, and nothing in the loop waits for a container. In the end the listeners are closed, and the kernel answers
 * ENOSYS to what is left.
 */
export function serve(c: Libc, data: AgentData): void {
  const { shared, counters, port } = data;
  const polled = epoll(c);
  const watched = new Map<number, Watched>();
  const pending = new Map<number, PendingConnection>();
  const logs = containerLogs(data);
  const readMessage = messageReader(c);
  const reader = guardedReader((count) => void Atomics.store(shared, SHARED.stuck, count));
  const answerOne = answerer(reader.read, logs.add, data);
  let lastToken = 0;
  let acceptAgainAt = 0;

  const post = (message: AgentMessage): void => port.postMessage(message);
  const add = (fd: number, entry: Watched): number | undefined => {
    const token = ++lastToken;
    if (!polled.add(fd, token)) return undefined;
    watched.set(token, entry);
    return token;
  };
  const accept = (): void => {
    const { accepted, refused, full } = acceptAll(c, data.socket);
    for (const text of refused) post({ kind: 'problem', text });
    for (const connection of accepted) {
      const token = add(connection.fd, { kind: 'connection', connection });
      if (token === undefined) connection.close();
      else pending.set(token, connection);
    }
    if (!full) return;
    // A socket that stays readable would keep the loop busy.
    polled.remove(data.socket);
    acceptAgainAt = Date.now() + BREATH;
  };
  const forget = (token: number): void => {
    watched.delete(token);
    pending.delete(token);
  };
  const receive = (token: number, connection: PendingConnection): void => {
    const taken = connection.take(readMessage(connection.fd));
    if (taken.kind === 'more') return;
    forget(token);
    if (taken.kind === 'silent') return;
    if (taken.kind === 'refused')
      return post({ kind: 'problem', text: `a runtime's connection was refused: ${taken.why}` });
    const { state, listener: fd } = taken;
    const metadata = readMetadata(state.metadata);
    const answers = metadata?.answers ?? { errno: data.defaultErrno, others: new Map() };
    const listener = { fd, queue: notifications(c, fd), log: logs.open(state, metadata), answers };
    mark(data.listeners, fd, true);
    Atomics.add(counters, COUNTER.listeners, 1n);
    if (add(fd, { kind: 'listener', listener }) === undefined) close(listener);
  };
  const close = ({ fd, log }: Listener): void => {
    mark(data.listeners, fd, false);
    closeSync(fd);
    Atomics.sub(counters, COUNTER.listeners, 1n);
    logs.close(log);
  };
  const patrol = (now: number): void => {
    for (const [token, connection] of pending) {
      if (connection.deadline > now) continue;
      forget(token);
      connection.close();
      post({ kind: 'problem', text: 'a connection was closed: no container’s state came over it' });
    }
  };
  /** False when it is told to stop. */
  const obey = (): boolean => {
    readSync(data.wake, new Uint8Array(8));
    logs.flush();
    post({ kind: 'flushed' });
    return Atomics.load(shared, SHARED.request) !== REQUEST.stop;
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
      case 'listener': {
        const gone =
          (events & POLLIN) !== 0 ? !answerOne(entry.listener) : (events & (POLLHUP | POLLERR)) !== 0;
        if (gone) {
          forget(token);
          close(entry.listener);
        }
        return true;
      }
    }
  };

  add(data.wake, { kind: 'wake' });
  add(data.socket, { kind: 'socket' });
  for (let going = true; going; ) {
    const now = Date.now();
    const due = logs.reportDue(now);
    patrol(now);
    if (acceptAgainAt !== 0 && now >= acceptAgainAt) {
      acceptAgainAt = 0;
      add(data.socket, { kind: 'socket' });
    }
    const wait = least([due, pending.size > 0 ? PATROL : -1, acceptAgainAt === 0 ? -1 : BREATH]);
    for (const [token, events] of polled.wait(wait)) going = handle(token, events) && going;
  }
  for (const entry of watched.values()) {
    if (entry.kind === 'listener') close(entry.listener);
    else if (entry.kind === 'connection') entry.connection.close();
  }
  closeSync(data.socket);
  polled.close();
  reader.stop();
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

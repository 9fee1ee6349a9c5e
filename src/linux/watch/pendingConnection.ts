import { readlinkSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { closeFd } from './closeFd.js';
import { MOST_STATE_BYTES, type ProcessState, readProcessState } from './processState.js';
import type { Received } from './unixSocket.js';

/** A runtime's connection, until it has told all. Its fds belong to it. */
export interface PendingConnection {
  readonly fd: number;
  /** Milliseconds since the epoch at which it is given up. */
  readonly deadline: number;
  /**
   * Takes what came. `state`: the listener is the caller's now, and the connection is closed. `refused`: everything is
   * closed.
   */
  readonly take: (received: Received) => Taken;
  readonly close: () => void;
}

export type Taken =
  | { readonly kind: 'more' }
  /** It ended without a word: another agent looked whether one listens. It is closed. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'state'; readonly state: ProcessState; readonly listener: number }
  | { readonly kind: 'refused'; readonly why: string };

/** A runtime sends all at once, and the container may wait for an answer already. */
const MOST_MILLISECONDS = 3000;

export function pendingConnection(fd: number): PendingConnection {
  const chunks: Uint8Array[] = [];
  const fds: number[] = [];
  let bytes = 0;
  const close = (): void => {
    for (const own of [fd, ...fds]) closeFd(own);
  };
  const refused = (why: string): Taken => {
    close();
    return { kind: 'refused', why };
  };
  return {
    fd,
    deadline: Date.now() + MOST_MILLISECONDS,
    close,
    take: (received) => {
      switch (received.kind) {
        case 'nothing':
          return { kind: 'more' };
        case 'end':
          if (bytes === 0) {
            close();
            return { kind: 'silent' };
          }
          return refused('the connection ended before the container’s state was complete');
        case 'failed':
          return refused(`it could not be read (${getSystemErrorName(-received.errno)})`);
        case 'data': {
          chunks.push(received.data);
          fds.push(...received.fds);
          bytes += received.data.length;
          if (received.truncated) return refused('its listener could not be received: too many open files');
          if (bytes > MOST_STATE_BYTES) return refused('its state is larger than any runtime sends');
          const state = endsObject(received.data)
            ? readProcessState(Buffer.concat(chunks).toString())
            : undefined;
          if (state === undefined) return { kind: 'more' };
          const listener = fds[state.listenerIndex];
          if (listener === undefined || !isListener(listener)) return refused('it sent no seccomp listener');
          fds.splice(state.listenerIndex, 1);
          close();
          return { kind: 'state', state, listener };
        }
      }
    },
  };
}

/** Only then is it worth trying whether the text is complete: a sender of single bytes must not cost more than it sends. */
function endsObject(data: Uint8Array): boolean {
  return /}\s*$/.test(Buffer.from(data.subarray(-16)).toString('latin1'));
}

/** Any other fd could let a read or an ioctl wait. */
function isListener(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:seccomp notify';
  } catch {
    return false;
  }
}

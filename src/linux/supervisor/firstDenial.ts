import { closeSync } from 'node:fs';
import { POLLIN } from '../constants.js';
import { libc } from '../ffi.js';
import { receiveListener } from './listenerSocket.js';
import { pollSet } from './pollSet.js';
import { SHARED, type SupervisorData } from './protocol.js';

type Waiting = Pick<SupervisorData, 'wake' | 'shared'> & { readonly socket: number };

/**
 * Waits for the first denied call of a command without a thread of its own: the caller sleeps in the kernel until
 * somebody answers. `then` is called once, from the event loop, with what a supervisor's thread has to take over;
 * with undefined, and everything closed, when the command ended without a denied call or `wake` was written to. `lost` is
 * called instead where there is nothing to take over, and a command that runs.
 */
export function awaitFirstDenial(
  waiting: Waiting,
  then: (source: SupervisorData['source'] | undefined) => void,
  lost: (reason: unknown) => void,
): void {
  const { socket, wake, shared } = waiting;
  poll(socket, wake, (launcher) => {
    // Whatever keeps this thread from waiting, the other one can.
    if (launcher === 'failed') return then({ kind: 'socket', fd: socket });
    let listener: number | undefined;
    try {
      if (launcher !== 'woken') listener = receiveListener(libc(), socket);
    } catch (reason) {
      return lost(reason);
    }
    Atomics.store(shared, SHARED.socket, 0);
    closeSync(socket);
    if (listener === undefined) return then(undefined);
    Atomics.store(shared, SHARED.listener, listener + 1);
    poll(listener, wake, (call) => {
      if (call === 'readable' || call === 'failed') return then({ kind: 'listener', fd: listener });
      Atomics.store(shared, SHARED.listener, 0);
      closeSync(listener);
      then(undefined);
    });
  });
}

type Outcome = 'readable' | 'woken' | 'over' | 'failed';

/** poll(2) in a thread of Node's pool. */
function poll(fd: number, wake: number, then: (outcome: Outcome) => void): void {
  const set = pollSet([fd, wake]);
  libc().pollInPool(set.bytes, 2, -1, (result) => {
    if (result < 0) then('failed');
    else if (set.events(1) !== 0) then('woken');
    else then((set.events(0) & POLLIN) !== 0 ? 'readable' : 'over');
  });
}

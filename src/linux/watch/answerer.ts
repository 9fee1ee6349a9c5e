import { readlinkSync } from 'node:fs';
import { errnoFor, type OriginalAnswers } from '../../explain/watch/originalAnswers.js';
import { MAX_ERRNO } from '../constants.js';
import type { ArgumentShape, ArgumentString } from '../supervisor/denial.js';
import type { Event } from '../supervisor/denialLog.js';
import type { Notifications } from '../supervisor/notification.js';
import { type AgentData, COUNTER } from './agentProtocol.js';
import type { WatchedLog } from './containerLogs.js';
import type { ReadStrings } from './guardedReader.js';

/** One filter's listener. */
export interface Listener {
  readonly fd: number;
  readonly queue: Notifications;
  readonly log: WatchedLog;
  readonly answers: OriginalAnswers;
}

/**
 * Answers the next call of a listener that is ready. The errno depends on the registers alone, which no other thread of
 * the caller can change; what is read from its memory is for people, and only kept when the call still waits after it.
 *
 * @returns false when the listener's last process has ended
 */
export function answerer(
  readStrings: ReadStrings,
  add: (log: WatchedLog, event: Event, shape: ArgumentShape | undefined) => void,
  { shapes, counters }: Pick<AgentData, 'shapes' | 'counters'>,
): (listener: Listener) => boolean {
  return ({ queue, log, answers }) => {
    const outcome = queue.receive();
    if (outcome !== 'received') return outcome === 'nothing';
    const pid = queue.pid();
    const auditArch = queue.auditArch();
    const number = queue.number();
    const args = queue.args();
    const errno = Math.min(errnoFor(answers, { auditArch, number, args }), MAX_ERRNO);
    const shape = shapes.get(auditArch)?.get(number);
    // The process waits while it is looked at, so this comes before the answer. It is 0 in another PID namespace.
    let exe = pid === 0 ? undefined : executable(pid);
    let strings: readonly ArgumentString[] = [];
    if (shape !== undefined && log.readable && pid !== 0) {
      const read = readStrings(pid, shape, args);
      log.readable = read !== undefined;
      strings = read ?? [];
    }
    if (!queue.valid()) {
      // Another process may have got the pid meanwhile.
      exe = undefined;
      strings = [];
    }
    if (!queue.answer(errno)) {
      Atomics.add(counters, COUNTER.vanished, 1n);
      return true;
    }
    Atomics.add(counters, COUNTER.answered, 1n);
    add(log, { time: Date.now(), pid, exe, auditArch, number, args, strings, errno }, shape);
    return true;
  };
}

function executable(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

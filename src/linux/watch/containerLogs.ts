import type { WatchMetadata } from '../../explain/watch/metadata.js';
import type { ArgumentShape } from '../supervisor/denial.js';
import { denialLog, type Event } from '../supervisor/denialLog.js';
import { type AgentData, type AgentReport, SHARED } from './agentProtocol.js';
import type { ProcessState } from './processState.js';

/** Milliseconds between two batches of reports of a container at least; the first and a flush do not wait. */
const BATCH_INTERVAL = 250;
/** Batches that the other thread has not taken yet; beyond that reports wait, and counts grow. */
const MOST_PENDING = 64;
/** Kinds of denied calls that are kept apart of one container. */
const MOST_KINDS = 1000;

/** A container with all its listeners: docker exec brings one more. */
export interface WatchedLog {
  readonly key: number;
  readonly id: string;
  readonly log: ReturnType<typeof denialLog>;
  listeners: number;
  /** False once its memory has held a read up. */
  readable: boolean;
  /** Milliseconds since the epoch before which nothing is reported. */
  nextBatch: number;
}

/** Counts the denied calls of each container, and reports them in batches. */
export function containerLogs({ shared, port }: Pick<AgentData, 'shared' | 'port'>) {
  const logs = new Map<string, WatchedLog>();
  const changed = new Set<WatchedLog>();
  let lastKey = 0;
  const post = (report: AgentReport): void => port.postMessage(report);
  const report = (entry: WatchedLog): void => {
    changed.delete(entry);
    Atomics.add(shared, SHARED.pending, 1);
    post({ kind: 'denials', key: entry.key, batch: entry.log.takeBatch() });
    entry.nextBatch = Date.now() + BATCH_INTERVAL;
  };
  return {
    /** One more listener of a container. */
    open: ({ container, metadata }: ProcessState, read: WatchMetadata | undefined): WatchedLog => {
      const known = logs.get(container.id);
      if (known !== undefined) {
        known.listeners++;
        return known;
      }
      const { id } = container;
      const log = denialLog(MOST_KINDS);
      const entry = { key: ++lastKey, id, log, listeners: 1, readable: true, nextBatch: 0 };
      logs.set(id, entry);
      const told = { known: read !== undefined, origin: read?.origin };
      post({ kind: 'opened', key: entry.key, container, metadata, ...told });
      return entry;
    },
    add: (entry: WatchedLog, event: Event, shape: ArgumentShape | undefined): void => {
      entry.log.add(event, shape);
      changed.add(entry);
    },
    /** One listener less. */
    close: (entry: WatchedLog): void => {
      if (--entry.listeners > 0) return;
      if (changed.has(entry)) report(entry);
      logs.delete(entry.id);
      post({ kind: 'closed', key: entry.key });
    },
    flush: (): void => {
      for (const entry of changed) report(entry);
    },
    /** Sends what is due, and gives the milliseconds until the next is; -1: nothing is left. */
    reportDue: (now: number): number => {
      let next = -1;
      for (const entry of changed) {
        if (Atomics.load(shared, SHARED.pending) >= MOST_PENDING) return BATCH_INTERVAL;
        const left = entry.nextBatch - now;
        if (left <= 0) report(entry);
        else next = next < 0 ? left : Math.min(next, left);
      }
      return next;
    },
  };
}

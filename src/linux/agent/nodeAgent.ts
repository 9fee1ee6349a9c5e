import type { SeccompRecord } from '../../explain/decode/record.js';
import type { AgentCounts } from '../watch/agentThread.js';
import { type ContainerEvent, type WatchedDenial, watch } from '../watch/watch.js';
import { agentMetrics } from './agentMetrics.js';
import { auditStream } from './auditStream.js';
import { type CgroupNames, cgroupOf } from './cgroupOf.js';
import { type Page, serveAgent } from './httpServer.js';
import type { Installation, InstallOptions } from './installProfiles.js';
import { lineBudget } from './lineBudget.js';
import type { ListenAddress } from './listenAddress.js';
import { keepProfiles, type ProfileKeeper } from './profileKeeper.js';

/** Something that the agent tells. */
export type AgentEvent =
  | { readonly kind: 'denial'; readonly denial: WatchedDenial }
  | { readonly kind: 'container'; readonly event: ContainerEvent }
  | { readonly kind: 'record'; readonly record: SeccompRecord; readonly cgroup: CgroupNames }
  | { readonly kind: 'installation'; readonly installation: Installation }
  | { readonly kind: 'problem'; readonly text: string }
  /** Events that were not told, because there were too many; metrics count all. */
  | { readonly kind: 'suppressed'; readonly count: number };

export interface NodeAgentOptions {
  readonly socketPath?: string;
  readonly defaultErrno?: number;
  /** Absent: no profiles are kept. */
  readonly profiles?: InstallOptions & { readonly source: string };
  /** A file or `-`; absent: nothing is decoded. */
  readonly audit?: string;
  readonly http: ListenAddress;
  /** Names that requests may have as Host, beside addresses. */
  readonly hostNames: readonly string[];
  readonly mostSeries: number;
  /** Events a second that are told. */
  readonly mostEvents: number;
  readonly tell: (event: AgentEvent) => void;
}

/** An agent that serves its node. */
export interface NodeAgent {
  readonly socketPath: string;
  readonly http: ListenAddress;
  readonly counts: () => AgentCounts;
  /** Tells what is left and stops. Profiles stay. */
  readonly close: () => Promise<void>;
  /** Settles when it has stopped; rejects with a CallgateError when the thread that answers died. */
  readonly closed: Promise<void>;
}

/** Milliseconds between two tellings of how much was not told, and of one problem that lasts. */
const SUMMARY = 1000;
const REMINDER = 600_000;

/**
 * Everything that one node needs: keeps profiles in place, answers and reports the denied calls of watched containers,
 * decodes the audit stream, and offers metrics.
 *
 * @throws {CallgateError} HOST when another agent listens there, or the address is taken
 */
export async function startNodeAgent(options: NodeAgentOptions): Promise<NodeAgent> {
  const { profiles, audit, http, hostNames, mostSeries, mostEvents } = options;
  const metrics = agentMetrics(mostSeries);
  const budget = lineBudget(mostEvents);
  const tell = (event: AgentEvent): void => {
    if (budget.take()) options.tell(event);
  };
  const tellSuppressed = (): void => {
    const count = budget.takeSuppressed();
    if (count === 0) return;
    metrics.suppressed(count);
    options.tell({ kind: 'suppressed', count });
  };
  const problem = occasionally((text) => tell({ kind: 'problem', text }));

  const watched = await watch({
    ...(options.socketPath === undefined ? {} : { socketPath: options.socketPath }),
    ...(options.defaultErrno === undefined ? {} : { defaultErrno: options.defaultErrno }),
    onDenial: (denial) => {
      metrics.denial(denial);
      tell({ kind: 'denial', denial });
    },
    onContainer: (event) => {
      metrics.container(event);
      tell({ kind: 'container', event });
    },
    onProblem: problem,
  });
  let alive = true;
  const closed = watched.closed.finally(() => {
    alive = false;
  });
  closed.catch(() => undefined);

  const timer = setInterval(tellSuppressed, SUMMARY);
  const stops: (() => void)[] = [() => clearInterval(timer)];
  let keeper: ProfileKeeper | undefined;
  try {
    const server = await serveAgent({
      address: http,
      names: hostNames,
      pages: new Map<string, () => Page | Promise<Page>>([
        [
          '/metrics',
          async () => ({
            status: 200,
            type: metrics.contentType,
            body: await metrics.text(watched.counts()),
          }),
        ],
        ['/healthz', () => told(alive)],
        ['/readyz', () => told(alive && (profiles === undefined || keeper?.ready() === true))],
      ]),
    });
    stops.push(() => void server.close());
    if (profiles !== undefined) {
      keeper = keepProfiles({
        ...profiles,
        onInstallation: (installation) => {
          metrics.installation(installation);
          if (installation.changes.length > 0) tell({ kind: 'installation', installation });
          for (const [path, why] of installation.failed) problem(`${path} is not in place: ${why}`);
        },
        onFailure: problem,
      });
      stops.push(keeper.stop);
    }
    if (audit !== undefined) {
      const stream = auditStream({
        from: audit,
        onRecord: (record) => {
          const cgroup = record.pid === undefined ? {} : cgroupOf(record.pid);
          metrics.record(record, cgroup);
          tell({ kind: 'record', record, cgroup });
        },
        onLines: metrics.auditLines,
        onProblem: problem,
      });
      stops.push(stream.stop);
    }
    const stop = (): void => {
      for (const each of stops.splice(0)) each();
      tellSuppressed();
    };
    void closed.then(stop, stop);
    return {
      socketPath: watched.socketPath,
      http: server.address,
      counts: watched.counts,
      closed,
      close: watched.close,
    };
  } catch (error) {
    for (const each of stops) each();
    await watched.close();
    throw error;
  }
}

/** The words say nothing that a stranger could use; the lines of the log say more. */
function told(yes: boolean): Page {
  const type = 'text/plain; charset=utf-8';
  return yes ? { status: 200, type, body: 'ok\n' } : { status: 503, type, body: 'no\n' };
}

/** Texts that are kept apart; beyond that all are told. */
const MOST_TEXTS = 1000;

/** Says a thing once, and again after a while. */
function occasionally(say: (text: string) => void): (text: string) => void {
  const said = new Map<string, number>();
  return (text) => {
    const now = Date.now();
    const before = said.get(text);
    if (before !== undefined && now - before < REMINDER) return;
    if (said.size >= MOST_TEXTS) said.clear();
    said.set(text, now);
    say(text);
  };
}

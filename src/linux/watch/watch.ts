import { closeSync, existsSync } from 'node:fs';
import { CallgateError } from '../../error.js';
import { type DescribedDenial, describeDenial } from '../../explain/denial.js';
import type { FilterPrediction } from '../../explain/predict.js';
import { verdictWord } from '../../explain/verdict.js';
import { type Origin, predictOrigin } from '../../explain/watch/metadata.js';
import { EPERM, MAX_ERRNO } from '../constants.js';
import { hasUserNotification } from '../host/host.js';
import type { Denial } from '../supervisor/denial.js';
import { agentPath } from './agentPath.js';
import type { AgentReport } from './agentProtocol.js';
import { openAgentSocket } from './agentSocket.js';
import { type AgentCounts, type AgentThread, startAgentThread } from './agentThread.js';
import type { WatchedContainer } from './processState.js';

/** Calls of one kind that a container was denied. */
export interface WatchedDenial extends Denial {
  readonly container: WatchedContainer;
  /** Stays the same as the count of this kind grows, and differs from that of every other kind of any container. */
  readonly key: string;
  readonly call: DescribedDenial;
  /** One line: `unshare(CLONE_NEWUSER) → EPERM`. */
  readonly text: string;
  /** The profile did not say what the call got before: it got `defaultErrno`. */
  readonly assumed: boolean;
}

/** A container that an agent serves began or ended. */
export interface ContainerEvent {
  /** `ended`: its last process has; every denial of it was reported before. */
  readonly kind: 'started' | 'ended';
  readonly container: WatchedContainer;
  /** `listenerMetadata` as it came. */
  readonly metadata: string | undefined;
  /** Name of the profile that was extended; undefined when the metadata is no watch profile's. */
  readonly profile: string | undefined;
  /** Denied calls of kinds that were too many to tell apart, in all. */
  readonly unlisted: number;
}

/** Where an agent listens, and who is told. */
export interface WatchOptions {
  /** Default: /run/callgate/watch.sock as root, $XDG_RUNTIME_DIR/callgate/watch.sock else. */
  readonly socketPath?: string;
  /** What calls get that come from a profile which `callgate extend --watch` did not make: an errno, EPERM by default. */
  readonly defaultErrno?: number;
  /** For each kind of denied call of each container, and again with a higher count when it was repeated. */
  readonly onDenial?: (denial: WatchedDenial) => void;
  readonly onContainer?: (event: ContainerEvent) => void;
  /** Connections that were refused, in words. */
  readonly onProblem?: (text: string) => void;
}

/** An agent that listens. */
export interface Watch {
  readonly socketPath: string;
  readonly counts: () => AgentCounts;
  /** Waits until every denial that was answered so far has been reported. */
  readonly flush: () => Promise<void>;
  /**
   * Reports what is left and stops. Denied calls of containers that still run get ENOSYS from then on, and no new
   * container starts with a watch profile.
   */
  readonly close: () => Promise<void>;
  /** Settles when the agent has stopped; rejects with a CallgateError when it died. */
  readonly closed: Promise<void>;
}

/**
 * Listens for the containers whose profile `callgate extend --watch` made (`listenerPath` of the OCI runtime spec):
 * their runtime hands over the filter's listener, and from then on the agent answers each denied call as the original
 * profile did, and reports it. It never lets a call run. One thread serves all containers; this process stays alive.
 *
 * @throws {CallgateError} HOST when another agent listens there, the directory is not safe, or the kernel cannot notify
 * @example
 * const agent = await watch({ onDenial: ({ container, text }) => console.log(container.id, text) });
 * process.once('SIGTERM', () => void agent.close());
 */
export async function watch(options: WatchOptions = {}): Promise<Watch> {
  const { defaultErrno = EPERM } = options;
  if (!Number.isInteger(defaultErrno) || defaultErrno < 1 || defaultErrno > MAX_ERRNO)
    throw new CallgateError('USAGE', `${defaultErrno} is no errno`, { expected: `1 to ${MAX_ERRNO}` });
  requireProc();
  if (!hasUserNotification())
    throw new CallgateError('HOST', 'this kernel cannot hand denied calls to an agent', {
      expected: 'Linux 5.0 or newer with CONFIG_SECCOMP_FILTER',
    });
  const reports = createReports(options);
  const socket = openAgentSocket(options.socketPath ?? agentPath());
  const thread = startThread(socket, defaultErrno, reports.take);
  // Whoever does not look at it gets no unhandled rejection.
  thread.closed.catch(() => undefined);
  const closed = thread.closed.then(reports.told, async (error: unknown) => {
    await reports.told();
    throw error;
  });
  closed.catch(() => undefined);
  await Promise.race([thread.serving, closed]);
  return {
    socketPath: socket.path,
    counts: thread.counts,
    closed,
    flush: async () => {
      await thread.flush();
      await reports.told();
    },
    close: async () => {
      thread.stop();
      await closed;
    },
  };
}

/** Without it a listener cannot be told from any other file that comes over a connection. */
function requireProc(): void {
  if (existsSync('/proc/self/fd')) return;
  throw new CallgateError('HOST', 'there is no /proc, by which an agent knows a filter’s listener', {
    hint: 'mount it: mount -t proc proc /proc',
  });
}

function startThread(...[socket, defaultErrno, take]: Parameters<typeof startAgentThread>): AgentThread {
  try {
    return startAgentThread(socket, defaultErrno, take);
  } catch (error) {
    socket.unlink();
    closeSync(socket.fd);
    throw error;
  }
}

interface Known {
  readonly container: WatchedContainer;
  readonly metadata: string | undefined;
  readonly origin: Origin | undefined;
  readonly known: boolean;
  unlisted: number;
  /** By the key of its kind: telling the rule takes longer than answering the call. */
  readonly described: Map<number, Pick<WatchedDenial, 'call' | 'text'>>;
  /** What is to be told of the container, in order: the first thing waits for the rules of its profile. */
  told: Promise<FilterPrediction | undefined>;
}

function createReports({ onDenial, onContainer, onProblem }: WatchOptions) {
  const containers = new Map<number, Known>();
  const busy = new Set<Promise<unknown>>();
  const predictions = new Map<string, Promise<FilterPrediction | undefined>>();

  /** Containers of one profile share its prediction. */
  const predictionOf = (origin: Origin | undefined): Promise<FilterPrediction | undefined> => {
    if (origin === undefined || onDenial === undefined) return Promise.resolve(undefined);
    const key = JSON.stringify(origin);
    const known = predictions.get(key);
    if (known !== undefined) return known;
    if (predictions.size >= MOST_PREDICTIONS) predictions.clear();
    const prediction = predictOrigin(origin).catch((error: unknown) => {
      // Only the rules are missing then, until the next container: an agent does not end for that.
      predictions.delete(key);
      onProblem?.(`the rules of ${origin.engine}'s profile cannot be told: ${(error as Error).message}`);
      return undefined;
    });
    predictions.set(key, prediction);
    return prediction;
  };

  const then = (entry: Known, tell: (prediction: FilterPrediction | undefined) => void): void => {
    const next = entry.told.then((prediction) => {
      tell(prediction);
      return prediction;
    });
    entry.told = next;
    busy.add(next);
    void next.finally(() => busy.delete(next));
  };

  const event = (
    kind: ContainerEvent['kind'],
    { container, metadata, origin, known, unlisted }: Known,
  ): void =>
    onContainer?.({
      kind,
      container,
      metadata,
      profile: known ? (origin?.profile?.source ?? origin?.engine ?? '') : undefined,
      unlisted,
    });

  const take = (message: AgentReport): void => {
    if (message.kind === 'problem') return onProblem?.(message.text);
    if (message.kind === 'opened') {
      const { container, metadata, origin, known } = message;
      const told = predictionOf(origin);
      const entry = { container, metadata, origin, known, unlisted: 0, described: new Map(), told };
      containers.set(message.key, entry);
      return then(entry, () => event('started', entry));
    }
    const entry = containers.get(message.key);
    if (entry === undefined) return;
    if (message.kind === 'closed') {
      containers.delete(message.key);
      return then(entry, () => event('ended', entry));
    }
    entry.unlisted = message.batch.unlisted;
    then(entry, (prediction) => {
      for (const [key, denial] of message.batch.denials)
        onDenial?.({
          ...denial,
          ...inWords(key, denial, entry, prediction),
          container: entry.container,
          key: `${message.key}.${key}`,
          assumed: !entry.known,
        });
    });
  };

  return {
    take,
    told: async (): Promise<void> => {
      while (busy.size > 0) await Promise.all(busy);
    },
  };
}

/** Profiles whose predictions are kept; clusters have a few. */
const MOST_PREDICTIONS = 64;

function inWords(
  key: number,
  denial: Denial,
  { described }: Known,
  prediction: FilterPrediction | undefined,
): Pick<WatchedDenial, 'call' | 'text'> {
  const known = described.get(key);
  if (known !== undefined) return known;
  // The answer that was given, whatever the prediction makes of it.
  const given = { sections: [], otherArch: { kind: 'errno', errno: denial.errno } } as const;
  const call = describeDenial(denial, given, prediction);
  const words = { call, text: `${call.text} → ${verdictWord(call.verdict)}` };
  described.set(key, words);
  return words;
}

import { Counter, Gauge, Registry } from 'prom-client';
import type { SeccompRecord } from '../../explain/decode/record.js';
import { verdictWord } from '../../explain/verdict.js';
import { podOf } from '../../kubernetes/podOf.js';
import type { AgentCounts } from '../watch/agentThread.js';
import { containerWord } from '../watch/containerWord.js';
import type { WatchedContainer } from '../watch/processState.js';
import type { ContainerEvent, WatchedDenial } from '../watch/watch.js';
import { boundedSeries, OTHER } from './boundedSeries.js';
import type { CgroupNames } from './cgroupOf.js';
import type { Installation } from './installProfiles.js';

/** Milliseconds for which the counts of an ended container are kept at least: a few scrapes. */
const GRACE = 300_000;
/** No name of Kubernetes is longer; others are cut. */
const LONGEST_LABEL = 253;
/** Characters of a container's id, as engines print it. */
const SHORT_ID = 12;

/** What the agent offers to Prometheus. */
export interface AgentMetrics {
  readonly contentType: string;
  readonly text: (counts: AgentCounts) => Promise<string>;
  readonly denial: (denial: WatchedDenial) => void;
  readonly container: (event: ContainerEvent) => void;
  readonly record: (record: SeccompRecord, cgroup: CgroupNames) => void;
  readonly auditLines: (count: number) => void;
  readonly installation: (installation: Installation) => void;
  readonly suppressed: (count: number) => void;
}

/** @param mostSeries of denials, beside those that are counted as `other` */
export function agentMetrics(mostSeries: number): AgentMetrics {
  const registers = [new Registry()];
  const [registry = new Registry()] = registers;
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []): Counter<T> =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });

  const denials = counter('callgate_denials_total', 'Calls that watched containers were denied.', [
    'namespace',
    'pod',
    'container',
    'syscall',
    'verdict',
  ]);
  const answered = counter('callgate_answered_total', 'Calls that the agent answered.');
  const vanished = counter('callgate_vanished_total', 'Calls whose caller had ended before its answer.');
  const listeners = gauge('callgate_listeners', 'Filters whose denied calls the agent answers now.');
  const containers = gauge('callgate_containers', 'Watched containers that run now.');
  const unlisted = counter(
    'callgate_unlisted_denials_total',
    'Denials of kinds that were too many to tell apart.',
  );
  const installed = gauge('callgate_profiles_installed', 'Profiles of the ConfigMap that are in place.');
  const failed = gauge('callgate_profiles_failed', 'Profiles of the ConfigMap that are not in place.');
  const changes = counter('callgate_profile_changes_total', 'Profiles that were written or taken away.', [
    'kind',
  ]);
  const lines = counter('callgate_audit_lines_total', 'Lines of the audit stream that were read.');
  const records = counter('callgate_audit_records_total', 'Records of seccomp in the audit stream.', [
    'container',
    'syscall',
    'action',
  ]);
  const dropped = counter(
    'callgate_suppressed_lines_total',
    'JSON lines that were not written, for their rate.',
  );

  const denialSeries = boundedSeries(mostSeries, ['namespace', 'pod', 'container'], GRACE);
  const recordSeries = boundedSeries(mostSeries, ['container'], GRACE);
  /** Counts of running containers that were told, by container and kind: reports say how often in all. */
  const told = new Map<WatchedContainer, Map<string, number>>();

  return {
    contentType: registry.contentType,
    text: ({ answered: all, vanished: gone, listeners: open }) => {
      // Both only grow, and are counted elsewhere.
      answered.reset();
      answered.inc(Number(all));
      vanished.reset();
      vanished.inc(Number(gone));
      listeners.set(open);
      return registry.metrics();
    },
    denial: (denial) => {
      const { container, key, count, call } = denial;
      const own = told.get(container) ?? new Map<string, number>();
      told.set(container, own);
      const more = count - (own.get(key) ?? 0);
      own.set(key, count);
      if (more <= 0) return;
      const labels = {
        ...containerLabels(container),
        syscall: call.name ?? 'unknown',
        verdict: verdictWord(call.verdict),
      };
      const { labels: placed, evicted } = denialSeries.place(labels, Date.now());
      if (evicted !== undefined) denials.remove(evicted);
      denials.inc(placed as typeof labels, more);
    },
    container: ({ kind, container, unlisted: more }) => {
      if (kind === 'started') {
        told.set(container, new Map());
      } else {
        told.delete(container);
        denialSeries.end(containerLabels(container), Date.now());
        unlisted.inc(more);
      }
      containers.set(told.size);
    },
    record: ({ syscall, action }, { container = '' }) => {
      const labels = {
        container: container.slice(0, SHORT_ID),
        syscall: syscall ?? 'unknown',
        action: action ?? 'unknown',
      };
      const { labels: placed } = recordSeries.place(labels, Date.now());
      records.inc(placed as typeof labels);
    },
    auditLines: (count) => lines.inc(count),
    installation: ({ inPlace, failed: not, changes: made }) => {
      installed.set(inPlace.length);
      failed.set(not.size);
      for (const { kind } of made) changes.inc({ kind });
    },
    suppressed: (count) => dropped.inc(count),
  };
}

/** A container without a pod is named in its own label. */
function containerLabels(container: WatchedContainer) {
  const names = podOf(container.annotations);
  const cut = (word: string): string => (word === OTHER ? `${OTHER}_` : word.slice(0, LONGEST_LABEL));
  return {
    namespace: cut(names?.namespace ?? ''),
    pod: cut(names?.pod ?? ''),
    container: cut(names === undefined ? containerWord(container) : (names.container ?? '')),
  };
}

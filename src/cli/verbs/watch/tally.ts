import { verdictWord } from '../../../explain/verdict.js';
import type { WatchedContainer } from '../../../linux/watch/processState.js';
import type { ContainerEvent, WatchedDenial } from '../../../linux/watch/watch.js';

/** Denied calls of one kind, of all containers. */
export interface TalliedKind {
  readonly syscall: string;
  readonly verdict: string;
  /** `mount → EPERM` */
  readonly text: string;
  readonly count: number;
  readonly containers: number;
}

/** Calls and their answers that are told apart over all containers: there are not many more calls. */
const MOST_KINDS = 2000;

/** Counts over all containers, in memory that does not grow with them. */
export function watchTally() {
  const kinds = new Map<string, { syscall: string; verdict: string; count: number; containers: number }>();
  /** What each running container was counted for: by its kind's key, and the texts that it had. */
  const running = new Map<
    WatchedContainer,
    { readonly counts: Map<string, number>; readonly had: Set<string> }
  >();
  let containers = 0;
  let unlisted = 0;
  return {
    container: ({ kind, container, unlisted: more }: ContainerEvent): void => {
      if (kind === 'started') {
        containers++;
        running.set(container, { counts: new Map(), had: new Set() });
      } else {
        running.delete(container);
        unlisted += more;
      }
    },
    /** @returns whether this is the first report of its kind */
    add: ({ container, key, count, call }: WatchedDenial): boolean => {
      const own = running.get(container);
      if (own === undefined) return true;
      const before = own.counts.get(key) ?? 0;
      own.counts.set(key, count);
      const syscall = call.name ?? call.text;
      const verdict = verdictWord(call.verdict);
      const text = `${syscall} → ${verdict}`;
      const kind = kinds.get(text) ?? { syscall, verdict, count: 0, containers: 0 };
      if (kinds.size >= MOST_KINDS && !kinds.has(text)) {
        unlisted += count - before;
        return before === 0;
      }
      kinds.set(text, kind);
      kind.count += count - before;
      if (!own.had.has(text)) kind.containers++;
      own.had.add(text);
      return before === 0;
    },
    result: (): {
      readonly kinds: readonly TalliedKind[];
      readonly containers: number;
      readonly unlisted: number;
    } => ({
      kinds: [...kinds].map(([text, kind]) => ({ ...kind, text })).sort((a, b) => b.count - a.count),
      containers,
      unlisted,
    }),
  };
}

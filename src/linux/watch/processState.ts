/** The container that a listener came from, as its runtime tells (OCI runtime spec, "Container Process State"). */
export interface WatchedContainer {
  /** The runtime's name for it; of Docker and CRI engines the container's id. */
  readonly id: string;
  /** Of the process that the filter was loaded for, as the runtime sees it; 0 when it does not say. */
  readonly pid: number;
  /** Directory with its config.json. */
  readonly bundle: string | undefined;
  /** `io.kubernetes.cri.container-name` and others, as the engine put them. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ProcessState {
  readonly container: WatchedContainer;
  /** `listenerMetadata` of its profile. */
  readonly metadata: string | undefined;
  /** Which of the fds that came along is the listener. */
  readonly listenerIndex: number;
}

/** The whole message is larger than its metadata and annotations, which have no limit of their own. */
export const MOST_STATE_BYTES = 4 * 1024 * 1024;

/** Undefined for what is no such state. */
export function readProcessState(text: string): ProcessState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !isObject(value['state']) || !Array.isArray(value['fds'])) return undefined;
  const { state, fds, metadata, pid } = value;
  const listenerIndex = fds.indexOf('seccompFd');
  const id = state['id'];
  if (listenerIndex < 0 || typeof id !== 'string' || id === '') return undefined;
  return {
    container: {
      id,
      pid: numberOf(pid) ?? numberOf(state['pid']) ?? 0,
      bundle: typeof state['bundle'] === 'string' ? state['bundle'] : undefined,
      annotations: annotationsOf(state['annotations']),
    },
    metadata: typeof metadata === 'string' ? metadata : undefined,
    listenerIndex,
  };
}

const numberOf = (value: unknown): number | undefined =>
  Number.isInteger(value) && (value as number) > 0 ? (value as number) : undefined;

function annotationsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { purposeOf } from '../syscalls/purpose.js';

/** Titles of the groups of a recorded profile, in its order; the words are those of data/syscalls/purposes.json. */
const TITLES: Readonly<Record<string, string>> = {
  file: 'files and directories',
  memory: 'memory',
  process: 'processes, threads and identity',
  sched: 'scheduling',
  signal: 'signals',
  time: 'clocks and timers',
  poll: 'waiting on descriptors',
  network: 'sockets',
  ipc: 'pipes, queues and shared memory',
  aio: 'asynchronous I/O',
  io_uring: 'asynchronous I/O through io_uring, past any filter',
  namespace: 'namespaces',
  mount: 'mounts',
  keyring: 'keyrings',
  security: 'security modules and seccomp',
  bpf: 'BPF programs',
  perf: 'performance counters and probes',
  module: 'kernel modules',
  kernel: 'the machine',
  obsolete: 'obsolete calls',
};

/** One group of calls that serve a purpose. */
export interface PurposeGroup {
  readonly title: string;
  readonly names: readonly string[];
}

/** Calls in groups by purpose, each group's in alphabetical order. */
export function byPurpose(names: Iterable<string>): readonly PurposeGroup[] {
  const groups = new Map<string, string[]>(Object.keys(TITLES).map((category) => [category, []]));
  for (const name of [...names].sort()) {
    const category = purposeOf(name)?.category ?? 'kernel';
    const group = groups.get(category);
    if (group === undefined) groups.set(category, [name]);
    else group.push(name);
  }
  return [...groups].flatMap(([category, own]) =>
    own.length === 0 ? [] : [{ title: TITLES[category] ?? category, names: own }],
  );
}

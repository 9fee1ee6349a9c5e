/** Purposes in the order of the map, with their titles: what programs use most, then what opens the kernel. */
const TITLES: Readonly<Record<string, string>> = {
  file: 'Files',
  process: 'Processes',
  memory: 'Memory',
  signal: 'Signals',
  time: 'Clocks and timers',
  sched: 'Scheduling',
  poll: 'Waiting for events',
  ipc: 'Messages and shared memory',
  network: 'Network',
  aio: 'Asynchronous I/O',
  io_uring: 'io_uring',
  namespace: 'Namespaces',
  mount: 'Mounts',
  security: 'Security',
  keyring: 'Keys',
  bpf: 'BPF',
  perf: 'Tracing and profiling',
  module: 'Kernel modules',
  kernel: 'The whole machine',
  obsolete: 'Obsolete',
  other: 'Others',
};

const ORDER = Object.keys(TITLES);

export function titleOf(category: string): string {
  return TITLES[category] ?? category;
}

export function compareCategories(a: string, b: string): number {
  const rank = (category: string): number => {
    const index = ORDER.indexOf(category);
    return index < 0 ? ORDER.length : index;
  };
  return rank(a) - rank(b);
}

/** Every fault at every call; without it a few of each. */
export const ALL = process.env['CALLGATE_FAULTS'] === 'all';

/** From 1 to `most` when all are wanted, else `some`. */
export function which(most: number, some: readonly number[]): readonly number[] {
  return ALL ? Array.from({ length: most }, (_, index) => index + 1) : some;
}

/** What strace does at system calls of one name, of each task. */
export interface Injection {
  /** Of one thread: that which waits in a call of this number. Else of each. */
  readonly thread?: number;
  readonly call: string;
  /** `error=EIO`, `signal=KILL` … */
  readonly what: string;
  /** The Nth call, or every one. */
  readonly when?: number;
  /** Of the calls those on this file alone, as /proc/PID/fd shows it. */
  readonly path?: string;
}

/** The rule in strace's words. */
export function ruleOf({ call, what, when }: Injection): string {
  return `${call}:${what}${when === undefined ? '' : `:when=${when}`}`;
}

/** strace up to where a command, or `-p PID`, follows. */
export function strace(injection: Injection): readonly string[] {
  const { call, path } = injection;
  return [
    ...['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${ruleOf(injection)}`],
    ...(path === undefined ? [] : ['-P', path]),
  ];
}

/** The file behind a filter's listener. */
export const LISTENER = 'anon_inode:seccomp notify';

/** After a line of shell. */
export function inShell(line: string): readonly string[] {
  return ['sh', '-c', `${line} && exec "$@"`, 'sh'];
}

/** In a mount namespace of its own, after a line of shell. */
export function inMountNamespace(line: string): readonly string[] {
  return ['unshare', '-m', ...inShell(line)];
}

/** A line of shell that takes the room, or other rights, of all temporary directories. */
export function tmpfs(options: string): string {
  return ['/tmp', '/dev/shm', '/var/tmp'].map((at) => `mount -t tmpfs -o ${options} none ${at}`).join(' && ');
}

/** Two at a time: each is a chain of processes that wait for one another. */
export async function byTwos<F, O>(
  faults: readonly F[],
  run: (fault: F) => Promise<O>,
): Promise<readonly O[]> {
  const left = [...faults];
  const done: O[] = [];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) done.push(await run(next));
  };
  await Promise.all([work(), work()]);
  return done;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALLGATE } from '../callgate.js';
import { type Injection, ruleOf, strace } from '../injection.js';
import type { Place, WatchFault } from './fault.js';
import { settles } from './settles.js';

/** A running `callgate watch`. */
export interface Agent {
  /** Node's own, also under strace. */
  readonly pid: () => number;
  readonly listens: () => boolean;
  readonly ended: () => boolean;
  readonly code: () => number | undefined;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly signalled: () => boolean;
  readonly kill: () => void;
  readonly said: () => string;
  readonly told: () => string;
}

export function startAgent(fault: WatchFault, { directory, socket }: Place): Agent {
  const [pidFile, out, err] = ['pid', 'out', 'err'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const words = [
    ...(fault.around ?? []),
    ...['sh', '-c', `echo $$ >${pidFile}; exec "$@"`, 'sh', process.execPath, CALLGATE],
    ...(fault.verb === 'agent' ? ['agent', '--listen', '127.0.0.1:0'] : ['watch', '--format', 'json']),
    ...['--listener-path', socket],
  ];
  const [outFd, errFd] = [openSync(fault.output === 'full' ? '/dev/full' : out, 'a'), openSync(err, 'a')];
  const piped = fault.output === 'closes' || fault.output === 'stuck';
  const child = spawn(words[0] ?? '', words.slice(1), {
    stdio: ['ignore', piped ? 'pipe' : outFd, errFd],
    detached: true,
    env: { ...process.env, LC_ALL: 'C', NO_COLOR: '1', ...fault.env },
  });
  for (const fd of [outFd, errFd]) closeSync(fd);
  if (fault.output === 'closes') child.stdout?.once('data', () => child.stdout?.destroy());
  let code: number | undefined;
  child.on('exit', (status, signal) => {
    code = status ?? (signal === 'SIGKILL' ? 137 : 128);
  });
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const pid = (): number => Number(read(pidFile));
  let signalled = false;
  return {
    pid,
    listens: () =>
      existsSync(socket) && (piped || fault.output === 'full' || /"event":"listening"/.test(read(out))),
    ended: () => code !== undefined,
    code: () => code,
    signal: (signal) => {
      signalled = true;
      kill(pid(), signal);
    },
    signalled: () => signalled,
    kill: () => {
      if (code === undefined) killGroup(child);
    },
    said: () => read(err),
    told: () => read(out),
  };
}

/** Unless it has ended. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
}

/** Puts strace on a running process. */
export async function attach(injection: Injection, pid: number): Promise<() => Promise<void>> {
  const [word = '', ...rest] = strace(injection);
  const { thread } = injection;
  const waits = (task: number): boolean =>
    readFileSync(`/proc/${pid}/task/${task}/syscall`, 'utf8').startsWith(`${thread} `);
  let task: number | undefined = thread === undefined ? pid : undefined;
  await settles(() => {
    task ??= readdirSync(`/proc/${pid}/task`).map(Number).find(waits);
    return task !== undefined;
  });
  // It says when it is there.
  const words = rest.filter((option) => option !== '-qq' && (thread === undefined || option !== '-f'));
  const child = spawn(word, [...words, '-p', String(task)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let [said, ended] = ['', false];
  child.stderr.on('data', (more) => {
    said += more;
  });
  child.on('exit', () => {
    ended = true;
  });
  await settles(() => ended || said.includes('attached'));
  if (ended) throw new Error(`strace did not attach for ${ruleOf(injection)}: ${said}`);
  return async () => {
    child.kill('SIGINT');
    // It may wait for a thread of a process that it has killed.
    if (!(await settles(() => ended, 2_000))) child.kill('SIGKILL');
    await settles(() => ended);
  };
}

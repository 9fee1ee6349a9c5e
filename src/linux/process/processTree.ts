import { readdirSync, readFileSync } from 'node:fs';
import { CallgateError } from '../../error.js';
import { type CapabilitySets, parseCapabilities } from '../capabilities.js';

/** A process and what confines it, as /proc/PID/status tells. */
export interface ConfinedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Steps down from the process that was asked for. */
  readonly depth: number;
  readonly name: string;
  readonly uid: number;
  readonly seccomp: 'disabled' | 'strict' | 'filter';
  /** Undefined before Linux 5.9. */
  readonly filters: number | undefined;
  readonly noNewPrivileges: boolean;
  readonly capabilities: CapabilitySets;
  /** Threads that are under other filters than the process's first one. */
  readonly otherThreads: readonly number[];
}

/**
 * A process and all that descend from it, each after its parent. A process that ends meanwhile is left out.
 *
 * @throws {CallgateError} HOST when there is no such process
 */
export function processTree(root: number): readonly ConfinedProcess[] {
  const children = childrenOf();
  const found: ConfinedProcess[] = [];
  // No recursion: a chain of processes can be longer than a stack.
  const left: [pid: number, depth: number][] = [[root, 0]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [pid, depth] = next;
    const process = confinedProcess(pid, depth);
    if (process !== undefined) found.push(process);
    for (const child of [...(children.get(pid) ?? [])].reverse()) left.push([child, depth + 1]);
  }
  if (found[0]?.pid === root) return found;
  throw new CallgateError('HOST', `there is no process ${root} here`);
}

/** The children of each process, by number. */
function childrenOf(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const pid of numbersIn('/proc')) {
    // proc_pid_stat(5): the name stands in parentheses and can hold any character; state and parent follow.
    const parent = Number(/^.*\) \S (\d+) /s.exec(textOf(`/proc/${pid}/stat`) ?? '')?.[1] ?? 0);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  return children;
}

function numbersIn(directory: string): readonly number[] {
  try {
    return readdirSync(directory)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const MODES = ['disabled', 'strict', 'filter'] as const;

function confinedProcess(pid: number, depth: number): ConfinedProcess | undefined {
  const status = textOf(`/proc/${pid}/status`);
  if (status === undefined) return undefined;
  const own = seccompOf(status);
  const otherThreads = numbersIn(`/proc/${pid}/task`).filter((thread) => {
    const text = thread === pid ? undefined : textOf(`/proc/${pid}/task/${thread}/status`);
    return text !== undefined && seccompOf(text) !== own;
  });
  const filters = field(status, 'Seccomp_filters');
  return {
    pid,
    parent: Number(field(status, 'PPid') ?? 0),
    depth,
    name: field(status, 'Name') ?? '',
    uid: Number(field(status, 'Uid')?.split(/\s+/)[1] ?? 0),
    seccomp: MODES[Number(field(status, 'Seccomp') ?? 0)] ?? 'filter',
    filters: filters === undefined ? undefined : Number(filters),
    noNewPrivileges: field(status, 'NoNewPrivs') === '1',
    capabilities: parseCapabilities(status),
    otherThreads,
  };
}

const seccompOf = (status: string): string =>
  `${field(status, 'Seccomp')} ${field(status, 'Seccomp_filters')}`;

function field(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1];
}

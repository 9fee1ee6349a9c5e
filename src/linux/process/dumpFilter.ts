import { readdirSync, readFileSync } from 'node:fs';
import { decode } from '../../bpf/encode.js';
import { MAX_INSTRUCTIONS, type Program } from '../../bpf/instruction.js';
import { CallgateError } from '../../error.js';
import { errnoName } from '../../syscalls/constants.js';
import { holds, readCapabilities } from '../capabilities.js';
import {
  EACCES,
  EINVAL,
  EMEDIUMTYPE,
  ENOENT,
  PTRACE_SECCOMP_GET_FILTER,
  PTRACE_SECCOMP_GET_METADATA,
  SECCOMP_FILTER_FLAG_LOG,
} from '../constants.js';
import { type Libc, libc } from '../ffi.js';
import { whileStopped } from './ptrace.js';

/** A filter as the kernel runs it for a task. */
export interface DumpedFilter {
  readonly program: Program;
  /** SECCOMP_FILTER_FLAG_LOG; undefined where the kernel does not tell (before 4.16). */
  readonly log: boolean | undefined;
}

/** What the kernel enforces for a task. */
export interface TaskFilters {
  readonly pid: number;
  /** /proc/PID/comm. */
  readonly name: string;
  /** `strict` is SECCOMP_MODE_STRICT: nothing but read, write, _exit and sigreturn. */
  readonly mode: 'none' | 'strict' | 'filter';
  /** In the order in which the kernel runs them: the newest first. */
  readonly filters: readonly DumpedFilter[];
  /** The bounding set; bit n is capability n. */
  readonly bounding: bigint;
  /** Threads of the process that are under another number of filters, or in another mode. */
  readonly differing: readonly number[];
}

/** No task carries more: the kernel counts instructions (kernel/seccomp.c: MAX_INSNS_PER_PATH), at least one a filter. */
const MOST_FILTERS = 32_768;

/**
 * Reads the filters of a running process, or of one thread by its id, from the kernel (PTRACE_SECCOMP_GET_FILTER). The
 * task is stopped for as long as that takes, a fraction of a millisecond, and goes on whatever happens to this process.
 *
 * @throws {CallgateError} HOST when there is no such process, or the kernel does not let us look
 * @example dumpFilters(1234).filters.map(({ program }) => program.length)
 */
export function dumpFilters(pid: number): TaskFilters {
  const status = readStatus(`/proc/${pid}/status`);
  if (status === undefined) {
    throw new CallgateError('HOST', `there is no process ${pid}`, {
      hint: 'a process of another pid namespace has another number here',
    });
  }
  if (/^State:\t[ZX]/m.test(status)) throw new CallgateError('HOST', `process ${pid} has ended`);
  const mode = modeOf(status);
  return {
    pid,
    name: /^Name:\t(.*)$/m.exec(status)?.[1] ?? '',
    mode,
    filters: mode === 'filter' ? read(pid, status) : [],
    bounding: readCapabilities(pid).bounding,
    differing: differingThreads(pid, status),
  };
}

function readStatus(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function numberIn(status: string, field: string): number | undefined {
  const value = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1];
  return value === undefined ? undefined : Number(value);
}

function modeOf(status: string): TaskFilters['mode'] {
  switch (numberIn(status, 'Seccomp')) {
    case 1:
      return 'strict';
    case 2:
      return 'filter';
    default:
      return 'none';
  }
}

function differingThreads(pid: number, status: string): readonly number[] {
  const fields = (text: string): string =>
    `${numberIn(text, 'Seccomp')} ${numberIn(text, 'Seccomp_filters')}`;
  let threads: readonly string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // It has just ended; the tracer will say so.
  }
  return threads
    .filter((thread) => {
      const own = readStatus(`/proc/${pid}/task/${thread}/status`);
      return own !== undefined && fields(own) !== fields(status);
    })
    .map(Number);
}

/** What the kernel asks of whoever dumps a filter (kernel/seccomp.c: get_nth_filter), told before anybody is stopped. */
function read(pid: number, status: string): readonly DumpedFilter[] {
  if (!holds(readCapabilities().effective, 'CAP_SYS_ADMIN')) {
    throw refused(pid, 'it takes CAP_SYS_ADMIN, which this process lacks', 'run callgate as root');
  }
  if (modeOf(readFileSync('/proc/self/status', 'utf8')) !== 'none') {
    throw refused(
      pid,
      'this process is under a filter itself, and the kernel refuses such ones',
      'run callgate outside of the container, or in one with --security-opt seccomp=unconfined',
    );
  }
  const tracer = numberIn(status, 'TracerPid') ?? 0;
  if (tracer !== 0)
    throw refused(pid, `process ${tracer} is tracing it already`, 'end that debugger or strace');
  const c = libc();
  return whileStopped(c, pid, () => readAll(c, pid));
}

function refused(pid: number, reason: string, hint?: string): CallgateError {
  return new CallgateError('HOST', `the filter of process ${pid} cannot be read: ${reason}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

function readAll(c: Libc, pid: number): readonly DumpedFilter[] {
  const oldestFirst: DumpedFilter[] = [];
  const buffer = new Uint8Array(8 * MAX_INSTRUCTIONS);
  // ptrace(2) says that number 0 is the newest filter; get_nth_filter counts from the oldest.
  for (let index = 0; index < MOST_FILTERS; index++) {
    const length = c.ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, buffer);
    if (length < 0) {
      if (c.errno() === ENOENT) break;
      throw readError(pid, c.errno());
    }
    const program = decode(buffer.slice(0, 8 * length), 'little');
    oldestFirst.push({ program, log: logFlag(c, pid, index) });
  }
  return oldestFirst.reverse();
}

/** struct seccomp_metadata { __u64 filter_off; __u64 flags; } */
function logFlag(c: Libc, pid: number, index: number): boolean | undefined {
  const metadata = new BigUint64Array([BigInt(index), 0n]);
  const bytes = new Uint8Array(metadata.buffer);
  if (c.ptrace(PTRACE_SECCOMP_GET_METADATA, pid, bytes.length, bytes) < 0) return undefined;
  return ((metadata[1] ?? 0n) & BigInt(SECCOMP_FILTER_FLAG_LOG)) !== 0n;
}

function readError(pid: number, errno: number): CallgateError {
  switch (errno) {
    case EACCES:
      return refused(
        pid,
        'the kernel denies it (EACCES)',
        'it takes CAP_SYS_ADMIN of the first user namespace, and no filter on callgate itself',
      );
    case EINVAL:
      return refused(pid, 'this kernel was built without CONFIG_CHECKPOINT_RESTORE');
    case EMEDIUMTYPE:
      return refused(pid, 'the kernel does not keep the instructions of this filter');
    default:
      return refused(pid, errnoName(errno, 'x86_64') ?? `errno ${errno}`);
  }
}

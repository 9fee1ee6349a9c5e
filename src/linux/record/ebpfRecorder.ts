import { randomBytes } from 'node:crypto';
import { closeSync, readFileSync } from 'node:fs';
import { CallgateError } from '../../error.js';
import type { RecordedArguments, RecordedCall } from '../../record/recording.js';
import { hostMachine } from '../machine.js';
import { beginCommand } from '../script.js';
import { memberOffset } from './btf.js';
import type { CallRecorder } from './callRecorder.js';
import { attach, createMap, elements, MAP_TYPE, updateElement } from './ebpf.js';
import {
  CALL_KEY_BYTES,
  CALL_VALUE,
  type EbpfParameters,
  ebpfPrograms,
  LOST_KEY,
  VALUES_KEY_BYTES,
} from './ebpfPrograms.js';
import { maskOf, recordedArguments, recordedCall, type WantedArguments } from './recorderTable.js';

const TASKS = 16_384;
const CALLS = 4096;
const VALUES = 16_384;

const BTF = '/sys/kernel/btf/vmlinux';

/**
 * Counts calls inside the kernel, by programs at the raw tracepoints of entry to and exit from system calls. Which tasks
 * are the command's is known by their task_struct: the launcher's is told by a call with a secret number just before
 * it executes the command, those of children by sched_process_fork.
 *
 * Where a filter is in force already (in a container), calls that it denies show as well, except one that it kills the
 * task for. Calls that a filter of the command's own denies do not show, and need not be allowed by another one.
 *
 * @throws {CallgateError} HOST when this process may not, or the kernel or architecture cannot
 */
export function ebpfRecorder(wanted: readonly WantedArguments[]): CallRecorder {
  const taskStatus = statusOffset();
  const processors = possibleProcessors();
  const fds: number[] = [];
  const close = (): void => {
    for (const fd of fds.splice(0).reverse()) closeSync(fd);
  };
  const map = (shape: Parameters<typeof createMap>[0]): number => {
    const fd = createMap(shape);
    fds.push(fd);
    return fd;
  };
  try {
    const random = randomBytes(12);
    const parameters: EbpfParameters = {
      tasks: map({ type: MAP_TYPE.hash, keyBytes: 8, valueBytes: 8, entries: TASKS }),
      calls: map({
        type: MAP_TYPE.perCpuHash,
        keyBytes: CALL_KEY_BYTES,
        valueBytes: CALL_VALUE.bytes,
        entries: CALLS,
      }),
      values: map({
        type: MAP_TYPE.hash,
        keyBytes: VALUES_KEY_BYTES,
        valueBytes: 8,
        entries: wanted.length === 0 ? 1 : VALUES,
      }),
      cookie: [random.readUInt32LE(0), random.readUInt32LE(4), random.readUInt32LE(8)],
      taskStatus,
    };
    const { calls, values, tasks, cookie } = parameters;
    const expect = (key: bigint, mask: number): void => {
      const value = new BigUint64Array((processors * CALL_VALUE.bytes) / 8);
      for (let cpu = 0; cpu < processors; cpu++) {
        value[(cpu * CALL_VALUE.bytes + CALL_VALUE.mask) / 8] = BigInt(mask);
      }
      updateElement(calls, new Uint8Array(new BigUint64Array([key]).buffer), new Uint8Array(value.buffer));
    };
    expect(LOST_KEY, 0);
    for (const { auditArch, number, indices } of wanted) {
      expect(BigInt(number >>> 0) | (BigInt(auditArch) << 32n), maskOf(indices));
    }
    for (const [tracepoint, program] of ebpfPrograms(parameters, isFiltered())) {
      const attached = attach(tracepoint, program);
      fds.push(attached.program, attached.link);
    }
    return {
      kind: 'ebpf',
      filters: false,
      launcher: { steps: () => [beginCommand(cookie)], open: () => [] },
      started: () => {},
      calls: () => readCalls(calls, values, processors).calls.reduce((sum, { count }) => sum + count, 0),
      finish: async () => ({
        recording: { recorder: 'ebpf', ...readCalls(calls, values, processors) },
        leftBehind: elements(tasks, 8, 8).length > 0,
        recorderLost: false,
      }),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function readCalls(
  callsMap: number,
  valuesMap: number,
  processors: number,
): { readonly calls: readonly RecordedCall[]; readonly lost: number } {
  const found = elements(callsMap, CALL_KEY_BYTES, processors * CALL_VALUE.bytes).map(({ key, value }) => {
    const sum = (offset: number): number =>
      Array.from({ length: processors }, (_, cpu) =>
        Number(value.getBigUint64(cpu * CALL_VALUE.bytes + offset, true)),
      ).reduce((total, one) => total + one, 0);
    return {
      key: key.getBigUint64(0, true),
      count: sum(CALL_VALUE.count),
      mask: Number(value.getBigUint64(CALL_VALUE.mask, true)),
      missed: sum(CALL_VALUE.missed),
    };
  });
  const masks = new Map(found.filter(({ mask }) => mask !== 0).map(({ key, mask }) => [key, mask]));
  const values = new Map<bigint, RecordedArguments[]>();
  for (const { key, value } of masks.size === 0 ? [] : elements(valuesMap, VALUES_KEY_BYTES, 8)) {
    const call = key.getBigUint64(0, true);
    const registers = Array.from({ length: 6 }, (_, index) => key.getBigUint64(8 + 8 * index, true));
    const row = recordedArguments(masks.get(call) ?? 0, registers, Number(value.getBigUint64(0, true)));
    const rows = values.get(call);
    if (rows === undefined) values.set(call, [row]);
    else rows.push(row);
  }
  const calls = found.flatMap(({ key, count, mask, missed }) => {
    if (key === LOST_KEY || count === 0) return [];
    const args = mask === 0 ? undefined : (values.get(key) ?? []);
    return recordedCall(key, count, args, missed > 0) ?? [];
  });
  return { calls, lost: found.find(({ key }) => key === LOST_KEY)?.count ?? 0 };
}

/** Of status in task_struct, whose first member is thread_info (CONFIG_THREAD_INFO_IN_TASK, which x86 always has). */
function statusOffset(): number {
  if (hostMachine().name !== 'x86_64') {
    throw new CallgateError('HOST', `recording by eBPF is made for x86_64, not ${hostMachine().name}`);
  }
  let offset: number | undefined;
  try {
    offset = memberOffset(BTF, 'thread_info', 'status');
  } catch (cause) {
    throw new CallgateError('HOST', `${BTF} cannot be read`, { cause });
  }
  if (offset === undefined) throw new CallgateError('HOST', `${BTF} does not describe thread_info`);
  return offset;
}

/** Whether this process, and so its command, is under a seccomp filter. */
function isFiltered(): boolean {
  return /^Seccomp:\s*2$/m.test(readFileSync('/proc/self/status', 'utf8'));
}

/** How many values a per-CPU map has: processors that could ever be there (`0-7`). */
function possibleProcessors(): number {
  const last = /(\d+)\s*$/.exec(readFileSync('/sys/devices/system/cpu/possible', 'utf8'))?.[1];
  return Number(last ?? 0) + 1;
}

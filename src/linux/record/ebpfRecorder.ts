import { randomBytes } from 'node:crypto';
import { closeSync, readFileSync } from 'node:fs';
import { CallgateError } from '../../error.js';
import type { RecordedArguments, Recording } from '../../record/recording.js';
import { syscallNumber } from '../../syscalls/table.js';
import { hostMachine } from '../machine.js';
import { beginCommand } from '../script.js';
import { type KernelTypes, kernelTypes } from './btf.js';
import type { CallRecorder } from './callRecorder.js';
import { attach, createMap, element, elements, MAP_TYPE, updateElement } from './ebpf.js';
import {
  AUDIT_ARCH_I386,
  AUDIT_ARCH_X86_64,
  CALL_KEY_BYTES,
  CALL_VALUE,
  type EbpfParameters,
  LOST_KEY,
  PROCESS_IDS,
  TASKS_BYTES,
  USUAL_NUMBERS,
  VALUES_KEY_BYTES,
} from './ebpfLayout.js';
import { ebpfPrograms } from './ebpfPrograms.js';
import { maskOf, recordedArguments, recordedCall, type WantedArguments } from './recorderTable.js';

/** Kinds of call with other numbers than the usual ones: there are hardly any, and each takes memory on every processor. */
const CALLS = 1024;
const VALUES = 16_384;

const PROCESS_MAKERS = ['fork', 'vfork', 'clone', 'clone3'];

/** In this order in the value of the usual numbers. */
const USUAL_ARCHES = [AUDIT_ARCH_X86_64, AUDIT_ARCH_I386];
const USUAL_BYTES = USUAL_ARCHES.length * USUAL_NUMBERS * CALL_VALUE.bytes;
/** Of a map with one value. */
const ONLY_KEY = new Uint8Array(4);
const BYTE_PER_ID = { type: MAP_TYPE.array, keyBytes: 4, valueBytes: PROCESS_IDS, entries: 1 } as const;

const BTF = '/sys/kernel/btf/vmlinux';

/**
 * Counts calls inside the kernel, by programs at the raw tracepoints of entry to and exit from system calls. Which
 * tasks are the command's is known by their stacks and ids: the launcher's is told by a call with a secret number just before
 * it executes the command, those of children by sched_process_fork.
 *
 * Where a filter is in force already (in a container), calls that it denies show as well, except one that it kills the
 * task for. Calls that a filter of the command's own denies do not show, and need not be allowed by another one.
 *
 * @throws {CallgateError} HOST when this process may not, or the kernel or architecture cannot
 */
export function ebpfRecorder(wanted: readonly WantedArguments[]): CallRecorder {
  const types = taskTypes();
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
      tasks: map({ type: MAP_TYPE.array, keyBytes: 4, valueBytes: TASKS_BYTES, entries: 1 }),
      processes: map(BYTE_PER_ID),
      entered: isFiltered() ? map(BYTE_PER_ID) : undefined,
      usual: map({ type: MAP_TYPE.perCpuArray, keyBytes: 4, valueBytes: USUAL_BYTES, entries: 1 }),
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
      ...types,
    };
    const { processes, cookie } = parameters;
    const expected = wanted.map(({ auditArch, number, indices }) => ({
      key: BigInt(number >>> 0) | (BigInt(auditArch) << 32n),
      usual: usualPosition(auditArch, number),
      mask: BigInt(maskOf(indices)),
    }));
    const usual = new BigUint64Array((processors * USUAL_BYTES) / 8);
    for (let cpu = 0; cpu < processors; cpu++) {
      for (const { usual: position, mask } of expected) {
        if (position !== undefined) usual[(cpu * USUAL_BYTES + position + CALL_VALUE.mask) / 8] = mask;
      }
    }
    updateElement(parameters.usual, ONLY_KEY, new Uint8Array(usual.buffer));
    for (const { key, mask } of [
      { key: LOST_KEY, mask: 0n },
      ...expected.filter((one) => one.usual === undefined),
    ]) {
      const value = new BigUint64Array((processors * CALL_VALUE.bytes) / 8);
      for (let cpu = 0; cpu < processors; cpu++) {
        value[(cpu * CALL_VALUE.bytes + CALL_VALUE.mask) / 8] = mask;
      }
      const keyBytes = new Uint8Array(new BigUint64Array([key]).buffer);
      updateElement(parameters.calls, keyBytes, new Uint8Array(value.buffer));
    }
    for (const program of ebpfPrograms(parameters)) {
      const attached = attach(program);
      fds.push(attached.program, attached.link);
    }
    return {
      kind: 'ebpf',
      filters: false,
      launcher: { steps: () => [beginCommand(cookie)], open: () => [] },
      started: () => {},
      calls: () => readCalls(parameters, processors).calls.reduce((sum, { count }) => sum + count, 0),
      finish: async () => {
        const recorded = readCalls(parameters, processors);
        return {
          recording: { recorder: 'ebpf', ...recorded },
          // To look through all ids takes milliseconds.
          leftBehind:
            madeProcesses(recorded) &&
            Buffer.from(element(processes, ONLY_KEY, PROCESS_IDS).buffer).includes(1),
          recorderLost: false,
        };
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Where a kind of call stands in the value of the usual numbers. */
function usualPosition(auditArch: number, number: number): number | undefined {
  const arch = USUAL_ARCHES.indexOf(auditArch);
  if (arch < 0 || number >>> 0 >= USUAL_NUMBERS) return undefined;
  return (arch * USUAL_NUMBERS + number) * CALL_VALUE.bytes;
}

interface CountedKind {
  readonly key: bigint;
  readonly count: number;
  readonly mask: number;
  readonly missed: number;
}

/** A kind's value at `position` of the values of all processors, which are `stride` bytes apart. */
function countedKind(
  key: bigint,
  value: DataView,
  processors: number,
  stride: number,
  position = 0,
): CountedKind {
  let [count, missed] = [0, 0];
  for (let cpu = 0; cpu < processors; cpu++) {
    const at = cpu * stride + position;
    count += Number(value.getBigUint64(at + CALL_VALUE.count, true));
    missed += Number(value.getBigUint64(at + CALL_VALUE.missed, true));
  }
  return { key, count, missed, mask: Number(value.getBigUint64(position + CALL_VALUE.mask, true)) };
}

function countedKinds(parameters: EbpfParameters, processors: number): readonly CountedKind[] {
  const usual = element(parameters.usual, ONLY_KEY, processors * USUAL_BYTES);
  return [
    ...USUAL_ARCHES.flatMap((arch) =>
      Array.from({ length: USUAL_NUMBERS }, (_, number) =>
        countedKind(
          BigInt(number) | (BigInt(arch) << 32n),
          usual,
          processors,
          USUAL_BYTES,
          usualPosition(arch, number),
        ),
      ),
    ),
    ...elements(parameters.calls, CALL_KEY_BYTES, processors * CALL_VALUE.bytes).map(({ key, value }) =>
      countedKind(key.getBigUint64(0, true), value, processors, CALL_VALUE.bytes),
    ),
  ].filter(({ count }) => count > 0);
}

/** Whether there may have been other processes than the first. */
function madeProcesses({ calls, lost }: Pick<Recording, 'calls' | 'lost'>): boolean {
  if (lost > 0) return true;
  return calls.some(({ abi, number }) => PROCESS_MAKERS.some((name) => syscallNumber(name, abi) === number));
}

function readCalls(parameters: EbpfParameters, processors: number): Pick<Recording, 'calls' | 'lost'> {
  const found = countedKinds(parameters, processors);
  const masks = new Map(found.filter(({ mask }) => mask !== 0).map(({ key, mask }) => [key, mask]));
  const values = new Map<bigint, RecordedArguments[]>();
  for (const { key, value } of masks.size === 0 ? [] : elements(parameters.values, VALUES_KEY_BYTES, 8)) {
    const call = key.getBigUint64(0, true);
    const registers = Array.from({ length: 6 }, (_, index) => key.getBigUint64(8 + 8 * index, true));
    const row = recordedArguments(masks.get(call) ?? 0, registers, Number(value.getBigUint64(0, true)));
    const rows = values.get(call);
    if (rows === undefined) values.set(call, [row]);
    else rows.push(row);
  }
  const calls = found.flatMap(({ key, count, mask, missed }) => {
    if (key === LOST_KEY) return [];
    const args = mask === 0 ? undefined : (values.get(key) ?? []);
    return recordedCall(key, count, args, missed > 0) ?? [];
  });
  return { calls, lost: found.find(({ key }) => key === LOST_KEY)?.count ?? 0 };
}

/** On x86 the first member of a task_struct is its thread_info (CONFIG_THREAD_INFO_IN_TASK). */
const MEMBERS = [
  ['task_struct', 'pid'],
  ['task_struct', 'tgid'],
  ['task_struct', 'signal'],
  ['task_struct', 'stack'],
  ['thread_info', 'status'],
  ['signal_struct', 'live'],
] as const;

const ENTRY_TYPE = 'btf_trace_sys_enter';

function taskTypes(): Pick<EbpfParameters, 'offsets' | 'entryType'> {
  if (hostMachine().name !== 'x86_64') {
    throw new CallgateError('HOST', `recording by eBPF is made for x86_64, not ${hostMachine().name}`);
  }
  let found: KernelTypes;
  try {
    found = kernelTypes(BTF, MEMBERS, ENTRY_TYPE);
  } catch (cause) {
    throw new CallgateError('HOST', `${BTF} cannot be read`, { cause });
  }
  const known = (value: number | undefined, name: string | undefined): number => {
    if (value === undefined) throw new CallgateError('HOST', `${BTF} has no ${name}`);
    return value;
  };
  const [pid, tgid, signal, stack, status, live] = found.offsets.map((offset, index) =>
    known(offset, MEMBERS[index]?.join('.')),
  ) as [number, number, number, number, number, number];
  return {
    offsets: { pid, tgid, signal, stack, status, live },
    entryType: known(found.typedefId, ENTRY_TYPE),
  };
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

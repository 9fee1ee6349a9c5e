import { CallgateError } from '../error.js';
import type { AbiName } from '../syscalls/abi.js';
import { findAbi } from '../syscalls/abis.js';
import { syscallName } from '../syscalls/table.js';
import type { RecordedArguments, RecordedCall, Recorder } from './recording.js';
import type { Run, Runs } from './runs.js';

/** Bumped when a key changes its meaning or goes away. */
const VERSION = 1;

/**
 * Runs as a JSON text that {@link readRecording} reads. Argument values are hexadecimal words: they have 64 bits.
 *
 * @example
 * const runs = singleRun('x86_64', { recorder: 'strace', lost: 0, calls: [{ abi: 'x86_64', number: 0, count: 3 }] }, { source: 'log' });
 * readRecording(writeRecording(runs), 'web.recording.json').calls.length; // 1
 */
export function writeRecording({ arch, runs, calls }: Runs): string {
  const root = {
    callgateRecording: VERSION,
    arch,
    runs,
    calls: calls.map(({ args, ...call }) => {
      const syscall = syscallName(call.number, call.abi);
      return {
        ...(syscall === undefined ? {} : { syscall }),
        ...call,
        ...(args === undefined
          ? {}
          : { args: args.map(({ values, count }) => ({ values: hexed(values), count })) }),
      };
    }),
  };
  return `${JSON.stringify(root, null, 1)}\n`;
}

function hexed(values: RecordedArguments['values']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([index, value]) => [index, `0x${value.toString(16)}`]),
  );
}

/** Whether a text claims to be a recording: nothing else is said of what follows. */
export function isRecording(start: string): boolean {
  return /^\uFEFF?\s*\{\s*"callgateRecording"\s*:/.test(start);
}

/**
 * Reads what {@link writeRecording} wrote.
 *
 * @throws CallgateError `INPUT` for anything else
 * @example
 * const runs = singleRun('x86_64', { recorder: 'strace', lost: 0, calls: [{ abi: 'x86_64', number: 0, count: 3 }] }, { source: 'log' });
 * readRecording(writeRecording(runs), 'web.recording.json').arch; // 'x86_64'
 */
export function readRecording(text: string, file: string): Runs {
  const bad = (what: string): never => {
    throw new CallgateError('INPUT', `${file}: ${what}`, {
      expected: 'what callgate record --recording FILE writes',
    });
  };
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return bad('this is no JSON');
  }
  if (!isObject(root) || root['callgateRecording'] === undefined) return bad('this is no recording');
  if (root['callgateRecording'] !== VERSION)
    return bad(`a recording of another version (${JSON.stringify(root['callgateRecording'])})`);
  const arch = typeof root['arch'] === 'string' ? findAbi(root['arch']) : undefined;
  if (arch === undefined) return bad('"arch" names no architecture');
  if (!Array.isArray(root['runs']) || !Array.isArray(root['calls']))
    return bad('"runs" and "calls" are lists');
  return {
    arch,
    runs: root['runs'].map((run, index) => readRun(run) ?? bad(`runs[${index}] is no run`)),
    calls: root['calls'].map((call, index) => readCall(call) ?? bad(`calls[${index}] is no call`)),
  };
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readRun(value: unknown): Run | undefined {
  if (!isObject(value)) return undefined;
  const { recorder, command, source, exit, calls, lost } = value;
  if (!isRecorder(recorder) || !isCount(calls) || !isCount(lost)) return undefined;
  return {
    recorder,
    ...(Array.isArray(command) ? { command: command.map(String) } : {}),
    ...(typeof source === 'string' ? { source } : {}),
    ...(isCount(exit) ? { exit } : {}),
    calls,
    lost,
  };
}

const RECORDERS: Readonly<Record<Recorder, true>> = {
  'user-notification': true,
  ebpf: true,
  strace: true,
  audit: true,
};

function isRecorder(value: unknown): value is Recorder {
  return typeof value === 'string' && Object.hasOwn(RECORDERS, value);
}

function readCall(value: unknown): RecordedCall | undefined {
  if (!isObject(value)) return undefined;
  const { number, count, args, argsIncomplete } = value;
  const abi: AbiName | undefined = typeof value['abi'] === 'string' ? findAbi(value['abi']) : undefined;
  if (abi === undefined || !isCount(number) || number > 0xffffffff || !isCount(count)) return undefined;
  const read = args === undefined ? undefined : readArguments(args);
  if (args !== undefined && read === undefined) return undefined;
  return {
    abi,
    number,
    count,
    ...(read === undefined ? {} : { args: read }),
    ...(argsIncomplete === true ? { argsIncomplete } : {}),
  };
}

function readArguments(value: unknown): readonly RecordedArguments[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const read: RecordedArguments[] = [];
  for (const each of value) {
    if (!isObject(each) || !isObject(each['values']) || !isCount(each['count'])) return undefined;
    const values: Record<number, bigint> = {};
    for (const [index, word] of Object.entries(each['values'])) {
      if (!/^[0-5]$/.test(index) || typeof word !== 'string' || !/^0x[0-9a-f]{1,16}$/.test(word))
        return undefined;
      values[Number(index)] = BigInt(word);
    }
    read.push({ values, count: each['count'] });
  }
  return read;
}

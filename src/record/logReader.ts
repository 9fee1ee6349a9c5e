import type { AbiName } from '../syscalls/abi.js';
import { abi as abiOf, subAbisDocker } from '../syscalls/abis.js';
import { syscallName, syscallNumber } from '../syscalls/table.js';
import type { AskedArguments } from './argumentsAsked.js';
import { type AuditCall, auditCall, auditLoss } from './auditCall.js';
import type { RecordedArguments, Recording } from './recording.js';
import { isWhole, type ModeChange, modeChange, straceArguments, straceCall } from './straceLine.js';
import { summaryReader } from './straceSummary.js';
import { straceValue } from './straceValue.js';
import { createTally } from './tally.js';

/** What the log does not say itself. */
export interface LogOptions {
  /** Native ABI of the machine that the log is from. */
  readonly arch: AbiName;
  readonly asked?: AskedArguments;
}

/** Reads what strace or the audit system wrote, line by line, in bounded memory. */
export interface LogReader {
  readonly line: (text: string) => void;
  readonly finish: () => LogRecording;
}

/** What a log says that was called. */
export interface LogRecording {
  readonly recording: Recording;
  readonly notes: readonly string[];
}

/** Names that strace has for calls of another name in the kernel's tables. */
const ALIASES: Readonly<Record<string, string>> = {
  old_mmap: 'mmap',
  old_select: 'select',
  old_getrlimit: 'getrlimit',
  old_readdir: 'readdir',
  sysctl: '_sysctl',
  umount1: 'umount',
};

/** Processes of another ABI than the machine's own that are told apart; a real log ends them too. */
const MOST_MODES = 65_536;
const MOST_UNKNOWN = 16;
/** Names in a log: strace has some 500, and `syscall_0x…` for those that it does not know. */
const MOST_NAMES = 4096;

interface KnownCall {
  readonly abi: AbiName;
  readonly name: string;
  readonly number: number;
  readonly indices: readonly number[] | undefined;
  seen: boolean;
}

/**
 * A reader for `strace -f` output in all its styles (with -o or not, times, -y, -i, -c …), and for audit records of type
 * SYSCALL and SECCOMP. Lines of anything else are passed over.
 *
 * @example
 * const reader = logReader({ arch: 'x86_64' });
 * reader.line('1234 mount("/dev/sda", "/mnt", "ext4", 0, NULL) = -1 EPERM (Operation not permitted)');
 * reader.finish().recording.calls; // [{ abi: 'x86_64', number: 165, count: 1 }]
 */
export function logReader({ arch, asked = new Map() }: LogOptions): LogReader {
  const tally = createTally();
  const modes = new Map<string, AbiName>();
  const known = new Map<AbiName, Map<string, KnownCall>>();
  const unknown = new Set<string>();
  const summary = summaryReader();
  let [traced, audited, lost] = [0, 0, 0];
  let firstLoss: number | undefined;
  let lastLoss = 0;

  const lookUp = (word: string, abi: AbiName): KnownCall | undefined => {
    let own = known.get(abi);
    if (own === undefined) {
      own = new Map();
      known.set(abi, own);
    }
    const found = own.get(word);
    if (found !== undefined) return found;
    const call = knownCall(word, abi, arch);
    if (call === undefined || own.size === MOST_NAMES) return undefined;
    const made = { ...call, indices: asked.get(call.name), seen: false };
    own.set(word, made);
    return made;
  };

  const count = (call: KnownCall, values?: RecordedArguments['values'], times = 1): void => {
    call.seen = true;
    if (!tally.add(call.abi, call.number, values, times)) lost += times;
    traced += times;
  };

  const traceLine = (line: string): void => {
    const call = straceCall(line);
    if (call === undefined) return;
    const target = lookUp(call.name, modes.get(call.pid ?? '') ?? arch);
    if (target === undefined) {
      if (!isWhole(line)) return;
      lost++;
      if (unknown.size < MOST_UNKNOWN) unknown.add(call.name);
    } else if (!call.resumed)
      count(
        target,
        target.indices === undefined ? undefined : valuesIn(line, call.at, target, target.indices),
      );
    // The first half of a call was counted, unless strace came upon it in the middle.
    else if (!target.seen) count(target);
  };

  const auditLine = ({ abi, number, args }: AuditCall): void => {
    const name = syscallName(number, abi);
    const indices = name === undefined ? undefined : asked.get(name);
    const values = indices === undefined ? undefined : valuesOf(indices, (index) => args[index]);
    if (!tally.add(abi, number, values)) lost++;
    audited++;
  };

  const switchMode = ({ pid, mode }: ModeChange): void => {
    const abi = abiOfMode(arch, mode);
    for (const key of [pid, '']) {
      if (abi === arch) modes.delete(key);
      else if (modes.size < MOST_MODES) modes.set(key, abi);
    }
  };

  const line = (text: string): void => {
    const row = summary.line(text);
    if (row === 'table') return;
    if (row !== undefined) {
      const target = lookUp(row.name, abiOfMode(arch, summary.mode()));
      if (target === undefined) lost += row.calls;
      else count(target, undefined, row.calls);
      return;
    }
    if (text.includes('syscall=')) {
      const call = auditCall(text, arch);
      if (call !== undefined) return auditLine(call);
    }
    if (text.includes('audit')) {
      const loss = auditLoss(text);
      if (loss?.kind === 'more') lost += loss.count;
      if (loss?.kind === 'total') {
        firstLoss ??= loss.count - 1;
        lastLoss = Math.max(lastLoss, loss.count);
      }
    }
    if (text.includes(' mode. ]')) {
      const change = modeChange(text);
      if (change !== undefined) return switchMode(change);
    }
    traceLine(text);
  };

  return {
    line,
    finish: () => ({
      recording: {
        recorder: audited > traced ? 'audit' : 'strace',
        calls: tally.calls(),
        lost: lost + (firstLoss === undefined ? 0 : lastLoss - firstLoss),
      },
      notes:
        unknown.size === 0
          ? []
          : [
              `${[...unknown].join(', ')}: ${arch} has no such call, as far as callgate knows; not in the profile`,
            ],
    }),
  };
}

/** A name that the log's ABI does not have is another one's of the same machine: with -o strace does not tell the mode. */
function knownCall(
  word: string,
  abi: AbiName,
  arch: AbiName,
): Omit<KnownCall, 'indices' | 'seen'> | undefined {
  const hex = /^syscall_(0x[0-9a-f]{1,8})$/.exec(word)?.[1];
  if (hex !== undefined) return { abi, name: syscallName(Number(hex), abi) ?? word, number: Number(hex) };
  const name = ALIASES[word] ?? word;
  for (const candidate of [abi, arch, ...(subAbisDocker.get(arch) ?? [])]) {
    const number = syscallNumber(name, candidate);
    if (number !== undefined) return { abi: candidate, name, number };
  }
  return undefined;
}

function valuesIn(
  line: string,
  at: number,
  { name, abi }: KnownCall,
  indices: readonly number[],
): RecordedArguments['values'] | undefined {
  const pieces = straceArguments(line, at);
  return valuesOf(indices, (index) => straceValue(name, abi, index, pieces));
}

/** Undefined unless all of them are known. */
function valuesOf(
  indices: readonly number[],
  read: (index: number) => bigint | undefined,
): RecordedArguments['values'] | undefined {
  const values: Record<number, bigint> = {};
  for (const index of indices) {
    const value = read(index);
    if (value === undefined) return undefined;
    values[index] = value;
  }
  return values;
}

function abiOfMode(arch: AbiName, mode: ModeChange['mode'] | undefined): AbiName {
  if (mode === undefined || mode === '64 bit') return arch;
  if (mode === 'x32') return 'x32';
  const narrow = subAbisDocker.get(arch)?.find((name) => name !== 'x32' && abiOf(name).bits === 32);
  return narrow ?? arch;
}

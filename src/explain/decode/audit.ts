import { RET } from '../../policy/action.js';
import { type ScmpAction, scmpAction } from '../../policy/words.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abi as abiOf, abiOfCall, findAbi } from '../../syscalls/abis.js';
import { syscallNumber } from '../../syscalls/table.js';
import { actionWords, meaningOf, subject } from './meaning.js';
import type { RecordFormat, SeccompRecord } from './record.js';
import { stampOf } from './stamp.js';

/**
 * Behind comm and exe, which a program controls, the kernel writes these itself (kernel/auditsc.c: audit_seccomp).
 * No blank stands before the enriched names in some logs. Kernel 3.5 had no arch.
 */
const TAIL =
  / sig=(\w+)(?: arch=(\w+))? syscall=([\w-]+)(?:\([^)]*\))?(?: compat=(\w+))?(?: ip=(?:0x)?([0-9a-f]+))?(?: code=(0x[0-9a-f]+|[a-z][a-z_-]*)(?:\(0x([0-9a-f]+)\))?)?/y;
/** subj can hold blanks (AppArmor's mode). */
const HEAD = /auid=(\S+) uid=(\S+) gid=\S+ ses=\S+ (?:subj=(.*?) )?pid=(\d+) /y;
const QUOTE = 34;

/**
 * Reads an audit record about seccomp in any of its written forms; undefined for a line without one.
 *
 * @param at where ` syscall=` stands first; names that a program chose can hold it too, so the last one counts
 * @param assumedAbi for the one old form that does not tell the architecture
 */
export function decodeAudit(line: string, at: number, assumedAbi: AbiName): SeccompRecord | undefined {
  let call = at;
  for (let next = at; next >= 0; next = line.indexOf(' syscall=', next + 1)) call = next;
  const end = line.lastIndexOf(' sig=', call);
  if (end < 0) return undefined;
  TAIL.lastIndex = end;
  const tail = TAIL.exec(line);
  if (tail === null) return undefined;
  const code = tail[6];
  if (code === undefined) return truncated(line, tail, assumedAbi);
  const [matched, signal = '', arch, word = '', , pointer, , inParentheses] = tail;
  const interpreted = code.charCodeAt(1) !== LETTER_X;
  const known = tailOf(arch, word, inParentheses === undefined ? code : `0x${inParentheses}`, assumedAbi);
  const { meant, value } = known;
  const record: Mutable<SeccompRecord> = {
    kind: 'seccomp',
    format: formatOf(line, end + matched.length, interpreted),
    meaning: meant.meaning,
    signal: signal === 'SIGSYS' ? 31 : signal.startsWith('SIG') ? 0 : Number(signal),
  };
  const stamp = stampOf(line);
  if (stamp !== undefined) {
    record.time = stamp.time;
    record.serial = stamp.serial;
  }
  if (meant.abi !== undefined) record.abi = meant.abi;
  if (meant.arch !== undefined) record.arch = meant.arch;
  if (meant.auditArch !== undefined) record.auditArch = meant.auditArch;
  if (meant.number !== undefined) record.number = meant.number;
  if (meant.syscall !== undefined) record.syscall = meant.syscall;
  if (meant.action !== undefined) record.action = meant.action;
  if (value !== undefined) record.code = value;
  if (pointer !== undefined) record.instructionPointer = `0x${pointer}`;
  if (arch === undefined) record.assumed = `${assumedAbi}: the line does not tell the architecture`;
  addProcess(record, line, end, interpreted);
  return record;
}

/** A record that a buffer cut: which call it was is told as long as something stands behind its number. */
function truncated(line: string, tail: RegExpExecArray, assumedAbi: AbiName): SeccompRecord | undefined {
  const [matched, signal = '', arch, word = ''] = tail;
  const isSeccomp = line.includes('type=1326') || line.includes('SECCOMP');
  if (
    !isSeccomp ||
    !/[\s)]/.test(line.charAt(tail.index + matched.length) || (tail[4] === undefined ? '' : ' '))
  )
    return undefined;
  const { meant } = tailOf(arch, word, 'cut', assumedAbi);
  const { action: _, ...known } = meant;
  const call = known.syscall ?? `call ${known.number ?? word}`;
  const record: Mutable<SeccompRecord> = {
    kind: 'seccomp',
    format: formatOf(line, line.length, false),
    ...known,
    ...(stampOf(line) ?? {}),
    signal: Number(signal) || 0,
    meaning: `${call}: the line ends before it tells the filter’s action`,
  };
  addProcess(record, line, tail.index, false);
  return record;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
const LETTER_X = 120;

interface Tail {
  readonly meant: Meant;
  readonly value: number | undefined;
}

/** A log says the same few things again and again; a hostile one does not. */
const MOST_KEPT = 4096;
const tails = new Map<string, Map<string, Map<string, Tail>>>();
let kept = 0;

function tailOf(arch: string | undefined, call: string, code: string, assumed: AbiName): Tail {
  const key = arch ?? assumed;
  const known = tails.get(key)?.get(call)?.get(code);
  if (known !== undefined) return known;
  const value = code.startsWith('0x') ? Number(code) : codeOfWord(code);
  const meant = isHexArch(arch)
    ? /^\d+$/.test(call)
      ? meaningOf(Number.parseInt(arch, 16), Number(call), value)
      : byWords(abiOfCall(Number.parseInt(arch, 16), 0), call, value, assumed)
    : byWords(arch, call, value, assumed);
  if (kept++ >= MOST_KEPT) {
    tails.clear();
    kept = 0;
  }
  const made = { meant, value };
  const calls = tails.get(key) ?? new Map<string, Map<string, Tail>>();
  tails.set(key, calls);
  const codes = calls.get(call) ?? new Map<string, Tail>();
  calls.set(call, codes);
  codes.set(code, made);
  return made;
}

const isHexArch = (arch: string | undefined): arch is string =>
  arch !== undefined && /^[0-9a-f]{1,8}$/.test(arch);

/** auid, uid, label, pid, comm and exe, which stand before the fields of the call. */
function addProcess(record: Mutable<SeccompRecord>, line: string, end: number, interpreted: boolean): void {
  const start = line.indexOf('auid=');
  if (start < 0) return;
  HEAD.lastIndex = start;
  const head = HEAD.exec(line);
  if (head === null) return;
  const [, auid = '', uid = '', label, pid] = head;
  record.pid = Number(pid);
  record.uid = uid;
  record.auid = auid === '4294967295' ? 'unset' : auid;
  if (label !== undefined && label !== '?')
    record.subject = label.charCodeAt(0) === EQUALS ? label.slice(1) : label;
  addNames(record, line, HEAD.lastIndex, end, interpreted);
}

const EQUALS = 61;

/** A name is quoted, or, where it holds a quote, a blank or other bytes, hexadecimal (kernel/audit.c: audit_log_untrustedstring). */
function addNames(
  record: Mutable<SeccompRecord>,
  line: string,
  start: number,
  end: number,
  interpreted: boolean,
): void {
  if (!line.startsWith('comm=', start)) return;
  const at = start + 5;
  const exeAt = line.indexOf(' exe=', at);
  const hasExe = exeAt >= 0 && exeAt < end;
  const reasonAt = hasExe ? exeAt : line.indexOf(' reason=', at);
  record.comm = untrusted(line, at, reasonAt >= 0 && reasonAt < end ? reasonAt : end, interpreted);
  const exe = hasExe ? untrusted(line, exeAt + 5, end, interpreted) : '(null)';
  if (exe !== '(null)') record.exe = exe;
}

function untrusted(line: string, start: number, end: number, interpreted: boolean): string {
  if (line.charCodeAt(start) === QUOTE) {
    const close = line.indexOf('"', start + 1);
    return line.slice(start + 1, close < 0 || close > end ? end : close);
  }
  const word = line.slice(start, end);
  return interpreted ? word : unhex(word);
}

const DECODER = new TextDecoder();

/** Hexadecimal bytes as UTF-8; anything else as it is. */
export function unhex(word: string): string {
  if (word.length < 2 || word.length % 2 !== 0 || !/^[0-9A-F]+$/.test(word)) return word;
  const bytes = new Uint8Array(word.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(word.slice(2 * index, 2 * index + 2), 16);
  return DECODER.decode(bytes);
}

function formatOf(line: string, tailEnd: number, interpreted: boolean): RecordFormat {
  if (interpreted) return 'interpreted';
  if (line.indexOf('AUID=', tailEnd) >= 0) return 'enriched';
  if (line.includes('type=SECCOMP msg=')) return 'auditd';
  if (line.includes('type=1326') || line.includes('type=1701')) return 'kernel';
  return line.includes(']: SECCOMP ') || line.startsWith('SECCOMP ') ? 'journal' : 'other';
}

const WORDS: Readonly<Record<string, keyof typeof RET>> = {
  kill: 'kill_thread',
  'kill-thread': 'kill_thread',
  'kill-process': 'kill_process',
  trap: 'trap',
  errno: 'errno',
  'user-notif': 'notify',
  'user-notify': 'notify',
  notify: 'notify',
  trace: 'trace',
  log: 'log',
  allow: 'allow',
};

/** ausearch's words (auparse/seccomptab.h); a code that it does not know stands in parentheses. */
function codeOfWord(word: string): number | undefined {
  const name = word.replaceAll('_', '-');
  return Object.hasOwn(WORDS, name) ? RET[WORDS[name] ?? 'allow'] : undefined;
}

type Meant = Pick<SeccompRecord, 'abi' | 'arch' | 'auditArch' | 'number' | 'syscall' | 'action' | 'meaning'>;

/** Names in place of numbers (ausearch --interpret), or no architecture at all. */
function byWords(arch: string | undefined, call: string, code: number | undefined, assumed: AbiName): Meant {
  // ausearch calls the i386 table by its machine.
  const abi = arch === undefined ? assumed : findAbi(/^i[3-6]86$/.test(arch) ? 'x86' : arch);
  const given = /^\d+$/.test(call) ? Number(call) : undefined;
  if (abi === undefined) {
    const action = actionOf(code);
    return {
      ...(arch === undefined ? {} : { arch }),
      ...(given === undefined ? { syscall: call } : { number: given }),
      ...(action === undefined ? {} : { action }),
      meaning: `${call} on ${arch}: ${actionWords(action, code)}`,
    };
  }
  const number = given ?? syscallNumber(call, abi);
  if (number !== undefined) return meaningOf(abiOf(abi).auditArch, number, code);
  const action = actionOf(code);
  return {
    abi,
    auditArch: abiOf(abi).auditArch,
    syscall: call,
    ...(action === undefined ? {} : { action }),
    meaning: `${subject(call, -1, abi)}: ${actionWords(action, code)}`,
  };
}

function actionOf(code: number | undefined): ScmpAction | undefined {
  const found = (Object.keys(RET) as (keyof typeof RET)[]).find((kind) => RET[kind] === code);
  if (found === undefined) return undefined;
  return scmpAction(
    found === 'errno'
      ? { kind: found, errno: 0 }
      : found === 'trap' || found === 'trace'
        ? { kind: found, data: 0 }
        : { kind: found },
  );
}

const ABEND = /\bpid=(\d+) comm=("[^"]*"|\S+)(?: exe=("[^"]*"|\S+))?(?: reason="[^"]*")? sig=(\d+|SIGSYS)\b/;

/** A process that a signal ended (AUDIT_ANOM_ABEND); only SIGSYS is a filter’s. */
export function decodeAbend(line: string): SeccompRecord | undefined {
  if (!line.includes('1701') && !line.includes('ANOM_ABEND')) return undefined;
  const found = ABEND.exec(line);
  if (found === null) return undefined;
  const [, pid, comm = '', exe, signal] = found;
  if (signal !== '31' && signal !== 'SIGSYS') return undefined;
  const plain = (word: string): string => (word.startsWith('"') ? word.slice(1, -1) : unhex(word));
  return {
    kind: 'seccomp',
    format: 'abend',
    ...(stampOf(line) ?? {}),
    signal: 31,
    pid: Number(pid),
    comm: plain(comm),
    ...(exe === undefined ? {} : { exe: plain(exe) }),
    meaning: 'a process ended by SIGSYS, as a filter’s KILL or TRAP does; this record does not tell the call',
  };
}

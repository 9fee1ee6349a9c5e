import { RET } from '../../policy/action.js';
import { type ScmpAction, scmpAction } from '../../policy/words.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abi as abiOf, findAbi } from '../../syscalls/abis.js';
import { syscallNumber } from '../../syscalls/table.js';
import { actionWords, knownMeaning, subject } from './meaning.js';
import type { RecordFormat, SeccompRecord } from './record.js';
import { stampOf } from './stamp.js';

/**
 * Behind comm and exe, which a program controls, the kernel writes these itself (kernel/auditsc.c: audit_seccomp).
 * No blank stands before the enriched names in some logs. Kernel 3.5 had no arch.
 */
const TAIL =
  / sig=(\w+)(?: arch=(\w+))? syscall=([\w-]+)(?:\([^)]*\))?(?: compat=(\w+))?(?: ip=(?:0x)?([0-9a-f]+))?(?: code=(0x[0-9a-f]+|[a-z][a-z_-]*)(?:\(0x([0-9a-f]+)\))?)?/y;
/** subj can hold blanks (AppArmor's mode). */
const HEAD = /\bauid=(\S+) uid=(\S+) gid=\S+ ses=\S+ (?:subj=(.*?) )?pid=(\d+) /g;
const QUOTE = 34;

/**
 * Reads an audit record about seccomp in any of its written forms; undefined for a line without one.
 *
 * @param assumedAbi for the one old form that does not tell the architecture
 */
export function decodeAudit(line: string, assumedAbi: AbiName): SeccompRecord | undefined {
  const end = line.lastIndexOf(' sig=');
  if (end < 0) return undefined;
  TAIL.lastIndex = end;
  const tail = TAIL.exec(line);
  if (tail === null)
    return line.includes('1701') || line.includes('ANOM_ABEND') ? decodeAbend(line) : undefined;
  const [matched, signal = '', arch, call = '', , pointer, code, inParentheses] = tail;
  const interpreted = code !== undefined && !code.startsWith('0x');
  if (code === undefined) return undefined;
  const value = interpreted ? codeOfWord(code, inParentheses) : Number(code);
  const meant = isHexArch(arch)
    ? knownMeaning(Number.parseInt(arch, 16), Number(call), value)
    : byWords(arch, call, value, assumedAbi);
  if (meant === undefined) return undefined;
  const stamp = stampOf(line);
  HEAD.lastIndex = 0;
  const head = HEAD.exec(line);
  const process = head === null ? {} : processOf(line, HEAD.lastIndex, end, interpreted);
  return {
    kind: 'seccomp',
    format: formatOf(line, end + matched.length, interpreted),
    ...(stamp ?? {}),
    ...meant,
    ...(value === undefined ? {} : { code: value }),
    signal: signal === 'SIGSYS' ? 31 : signal.startsWith('SIG') ? 0 : Number(signal),
    ...(head === null ? {} : headFields(head)),
    ...process,
    ...(pointer === undefined ? {} : { instructionPointer: `0x${pointer}` }),
    ...(arch === undefined ? { assumed: `${assumedAbi}: the line does not tell the architecture` } : {}),
  };
}

const isHexArch = (arch: string | undefined): arch is string =>
  arch !== undefined && /^[0-9a-f]{1,8}$/.test(arch);

function headFields([, auid = '', uid = '', label, pid]: RegExpExecArray) {
  const subject = label?.replace(/^=/, '');
  return {
    pid: Number(pid),
    uid,
    auid: auid === '4294967295' ? 'unset' : auid,
    ...(subject === undefined || subject === '?' ? {} : { subject }),
  };
}

/** A name is quoted, or, where it holds a quote, a blank or other bytes, hexadecimal (kernel/audit.c: audit_log_untrustedstring). */
function processOf(
  line: string,
  start: number,
  end: number,
  interpreted: boolean,
): { comm?: string; exe?: string } {
  if (!line.startsWith('comm=', start)) return {};
  const at = start + 5;
  const exeAt = line.indexOf(' exe=', at);
  const hasExe = exeAt >= 0 && exeAt < end;
  const commEnd = hasExe ? exeAt : Math.max(line.indexOf(' reason=', at), -1);
  const comm = untrusted(line, at, commEnd >= 0 && commEnd < end ? commEnd : end, interpreted);
  if (!hasExe) return { comm };
  const exe = untrusted(line, exeAt + 5, end, interpreted);
  return exe === '(null)' ? { comm } : { comm, exe };
}

function untrusted(line: string, start: number, end: number, interpreted: boolean): string {
  if (line.charCodeAt(start) === QUOTE) {
    const close = line.indexOf('"', start + 1);
    return line.slice(start + 1, close < 0 || close > end ? end : close);
  }
  const word = line.slice(start, end);
  return interpreted ? word : unhex(word);
}

/** Hexadecimal bytes as UTF-8; anything else as it is. */
export function unhex(word: string): string {
  if (word.length < 2 || word.length % 2 !== 0 || !/^[0-9A-F]+$/.test(word)) return word;
  const bytes = Uint8Array.from({ length: word.length / 2 }, (_, index) =>
    Number.parseInt(word.slice(2 * index, 2 * index + 2), 16),
  );
  return new TextDecoder().decode(bytes);
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
function codeOfWord(word: string, inParentheses: string | undefined): number | undefined {
  if (inParentheses !== undefined) return Number.parseInt(inParentheses, 16);
  const name = word.replaceAll('_', '-');
  return Object.hasOwn(WORDS, name) ? RET[WORDS[name] ?? 'allow'] : undefined;
}

type Meant = Pick<SeccompRecord, 'abi' | 'arch' | 'auditArch' | 'number' | 'syscall' | 'action' | 'meaning'>;

/** Names in place of numbers (ausearch --interpret), or no architecture at all. */
function byWords(
  arch: string | undefined,
  call: string,
  code: number | undefined,
  assumed: AbiName,
): Meant | undefined {
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
  if (number !== undefined) return knownMeaning(abiOf(abi).auditArch, number, code);
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

/** A process that a signal ended; only SIGSYS is a filter's. */
function decodeAbend(line: string): SeccompRecord | undefined {
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

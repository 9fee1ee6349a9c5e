import type { AbiName } from '../../syscalls/abi.js';
import { abi as abiOf, abis, auditOnly, findAbi } from '../../syscalls/abis.js';
import { syscallNumber } from '../../syscalls/table.js';
import { meaningOf } from './meaning.js';
import type { RecordFormat, SeccompRecord } from './record.js';

/** `--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, …, si_syscall=__NR_ptrace, si_arch=AUDIT_ARCH_X86_64} ---` */
const STRACE =
  /(?:\[pid +(\d+)\] |^(\d+) +)?.*--- SIGSYS \{.*\bsi_syscall=(?:__NR_(\w+)|(0x[0-9a-f]+|\d+))(?: \/\*[^*]*\*\/)?(?:, si_arch=(?:AUDIT_ARCH_(\w+)|0x([0-9a-f]+)))?/;
/** Android's debuggerd: the architecture's word is its own. */
const ANDROID = /seccomp prevented call to disallowed (\w+) system call (\d+)/;
/** Chromium's sigsys_handlers.cc: the number in four decimal digits. */
const CHROMIUM = /seccomp-bpf failure in syscall (?:nr=)?(0x[0-9a-f]+|\d+)/;
const KILLED = /(?:\[pid +(\d+)\] |^(\d+) +)?.*\+\+\+ killed by SIGSYS/;

const ANDROID_WORDS: Readonly<Record<string, AbiName>> = {
  arm64: 'aarch64',
  x86: 'x86',
  arm: 'arm',
  x86_64: 'x86_64',
  riscv64: 'riscv64',
};

/** Reads what a debugger or a crash handler says about SIGSYS; undefined for a line without it. */
export function decodeSigsys(line: string, assumedAbi: AbiName): SeccompRecord | undefined {
  return strace(line, assumedAbi) ?? android(line) ?? chromium(line, assumedAbi) ?? killed(line);
}

function strace(line: string, assumedAbi: AbiName): SeccompRecord | undefined {
  if (!line.includes('--- SIGSYS {')) return undefined;
  const found = STRACE.exec(line);
  if (found === null) return undefined;
  const [, inBrackets, leading, name, digits, word, hex] = found;
  const arch =
    word === undefined ? (hex === undefined ? undefined : Number.parseInt(hex, 16)) : auditArchOf(word);
  const abi = abis.find((row) => row.auditArch === arch)?.name ?? assumedAbi;
  const number = name === undefined ? Number(digits) : syscallNumber(name, abi);
  if (number === undefined) return undefined;
  const pid = inBrackets ?? leading;
  return {
    ...record('strace', arch ?? abiOf(abi).auditArch, number),
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(arch === undefined ? { assumed: `${assumedAbi}: the line does not tell the architecture` } : {}),
  };
}

/** The number behind AUDIT_ARCH_*, whose words are not quite those of libseccomp. */
function auditArchOf(word: string): number | undefined {
  const row = abis.find((candidate) => candidate.name === (AUDIT_WORDS[word] ?? findAbi(word)));
  return row?.auditArch ?? auditOnly.find((candidate) => candidate.name.toUpperCase() === word)?.auditArch;
}

const AUDIT_WORDS: Readonly<Record<string, AbiName>> = {
  I386: 'x86',
  MIPSEL64N32: 'mipsel64n32',
  MIPS64N32: 'mips64n32',
  SHEL: 'sh',
  SH: 'sheb',
};

function android(line: string): SeccompRecord | undefined {
  const found = ANDROID.exec(line);
  if (found === null) return undefined;
  const [, word = '', number] = found;
  const abi = Object.hasOwn(ANDROID_WORDS, word) ? ANDROID_WORDS[word] : findAbi(word);
  if (abi === undefined) return undefined;
  return record('android', abiOf(abi).auditArch, Number(number));
}

function chromium(line: string, assumedAbi: AbiName): SeccompRecord | undefined {
  const found = CHROMIUM.exec(line);
  if (found === null) return undefined;
  return {
    ...record('chromium', abiOf(assumedAbi).auditArch, Number(found[1])),
    assumed: `${assumedAbi}: the line does not tell the architecture`,
  };
}

function killed(line: string): SeccompRecord | undefined {
  const found = KILLED.exec(line);
  if (found === null) return undefined;
  const pid = found[1] ?? found[2];
  return {
    kind: 'seccomp',
    format: 'strace',
    signal: 31,
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    meaning: 'ended by SIGSYS, as a filter’s KILL or TRAP does; the call is the last one before this line',
  };
}

function record(format: RecordFormat, auditArch: number, number: number): SeccompRecord {
  return { kind: 'seccomp', format, ...meaningOf(auditArch, number, undefined), signal: 31 };
}

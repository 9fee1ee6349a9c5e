import type { SeccompRecord } from '../../../explain/decode/record.js';

/**
 * A record as one line of JSON; hexadecimal where the kernel's own words are. Put together by hand, because logs are long and
 * JSON.stringify takes longer than everything else.
 */
export function recordJson(record: SeccompRecord): string {
  const { time, serial, text, errno, signal, pid, assumed } = record;
  const known = writtenFor(record);
  let json = known.call;
  if (time !== undefined) json += `,"time":${quoted(time)}`;
  if (serial !== undefined) json += `,"serial":${numeral(serial)}`;
  if (text !== undefined) json += `,"text":${quoted(text)}`;
  if (errno !== undefined) json += `,"errno":${quoted(errno)}`;
  if (signal !== undefined) json += `,"signal":${numeral(signal)}`;
  if (pid !== undefined) json += `,"pid":${numeral(pid)}`;
  json += known.process;
  if (record.instructionPointer !== undefined) json += `,"instructionPointer":"${record.instructionPointer}"`;
  if (assumed !== undefined) json += `,"assumed":${quoted(assumed)}`;
  return `${json}}\n`;
}

interface Written {
  readonly record: SeccompRecord;
  /** What records about the same call and action have in common. */
  readonly call: string;
  /** Who made it; most often the same program makes the same call again. */
  readonly process: string;
}

/** The last record of each meaning, in parts that others may have in common with it. */
const written = new Map<string, Written>();
const MOST_KEPT = 4096;

function writtenFor(record: SeccompRecord): Written {
  const known = written.get(record.meaning);
  const sameCall = known !== undefined && isSameCall(known.record, record);
  if (sameCall && isSameProcess(known.record, record)) return known;
  if (written.size >= MOST_KEPT) written.clear();
  const made = { record, call: sameCall ? known.call : callJson(record), process: processJson(record) };
  written.set(record.meaning, made);
  return made;
}

function processJson({ uid, auid, comm, exe, subject }: SeccompRecord): string {
  const fields = JSON.stringify({ uid, auid, comm, exe, subject }).slice(1, -1);
  return fields === '' ? '' : `,${fields}`;
}

function callJson(record: SeccompRecord): string {
  const { format, abi, arch, auditArch, number, syscall, action, code, meaning } = record;
  const value = {
    kind: 'seccomp',
    format,
    ...{ abi, arch, auditArch: hex(auditArch), number, syscall, action, code: hex(code) },
    meaning,
  };
  return JSON.stringify(value).slice(0, -1);
}

function isSameProcess(a: SeccompRecord, b: SeccompRecord): boolean {
  return (
    a.comm === b.comm && a.exe === b.exe && a.uid === b.uid && a.auid === b.auid && a.subject === b.subject
  );
}

function isSameCall(a: SeccompRecord, b: SeccompRecord): boolean {
  return (
    a.format === b.format &&
    a.abi === b.abi &&
    a.arch === b.arch &&
    a.auditArch === b.auditArch &&
    a.number === b.number &&
    a.syscall === b.syscall &&
    a.action === b.action &&
    a.code === b.code
  );
}

// What JSON need not escape; non-ASCII text goes the long way.
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function numeral(value: number): string | number {
  return Number.isFinite(value) ? value : 'null';
}

function hex(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `0x${(value >>> 0).toString(16)}`;
}

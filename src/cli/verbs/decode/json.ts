import type { SeccompRecord } from '../../../explain/decode/record.js';

/**
 * A record as one line of JSON; hexadecimal where the kernel's own words are. Put together by hand, because logs are long and
 * JSON.stringify takes longer than everything else.
 */
export function recordJson(record: SeccompRecord): string {
  const { time, serial, text, errno, signal, pid, uid, auid, comm, exe, subject, assumed } = record;
  let json = callJson(record);
  if (time !== undefined) json += `,"time":${quoted(time)}`;
  if (serial !== undefined) json += `,"serial":${numeral(serial)}`;
  if (text !== undefined) json += `,"text":${quoted(text)}`;
  if (errno !== undefined) json += `,"errno":${quoted(errno)}`;
  if (signal !== undefined) json += `,"signal":${numeral(signal)}`;
  if (pid !== undefined) json += `,"pid":${numeral(pid)}`;
  if (uid !== undefined) json += `,"uid":${quoted(uid)}`;
  if (auid !== undefined) json += `,"auid":${quoted(auid)}`;
  if (comm !== undefined) json += `,"comm":${quoted(comm)}`;
  if (exe !== undefined) json += `,"exe":${quoted(exe)}`;
  if (subject !== undefined) json += `,"subject":${quoted(subject)}`;
  if (record.instructionPointer !== undefined) json += `,"instructionPointer":"${record.instructionPointer}"`;
  if (assumed !== undefined) json += `,"assumed":${quoted(assumed)}`;
  return `${json}}\n`;
}

interface Written {
  readonly record: SeccompRecord;
  readonly json: string;
}

/** What records about the same call and action have in common, by their meaning. */
const written = new Map<string, Written>();
const MOST_KEPT = 4096;

function callJson(record: SeccompRecord): string {
  const known = written.get(record.meaning);
  if (known !== undefined && isSameCall(known.record, record)) return known.json;
  const { format, abi, arch, auditArch, number, syscall, action, code, meaning } = record;
  const value = {
    kind: 'seccomp',
    format,
    ...{ abi, arch, auditArch: hex(auditArch), number, syscall, action, code: hex(code) },
    meaning,
  };
  const json = JSON.stringify(value).slice(0, -1);
  if (written.size >= MOST_KEPT) written.clear();
  written.set(meaning, { record, json });
  return json;
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

import type { AbiName } from '../../syscalls/abi.js';
import { decodeAbend, decodeAudit } from './audit.js';
import { addLine, type Block, mayBeBlockLine, recordOf } from './capabilityBlock.js';
import { setOfMask } from './capabilityText.js';
import { unwrapJson } from './journal.js';
import type { CapabilitiesRecord, Decoded, SeccompRecord } from './record.js';
import { decodeSigsys } from './sigsys.js';
import { decodeTraced } from './strace.js';

/** Reads a log line by line; what it keeps between lines is one block at most. */
export interface Decoder {
  /** What this line completes; mostly nothing. */
  readonly line: (text: string) => readonly Decoded[];
  /** The block that was still open. */
  readonly end: () => readonly Decoded[];
}

const NOTHING: readonly Decoded[] = [];
const MASK = /^\s*(0x[0-9a-fA-F]{1,16}|[0-9a-fA-F]{16})\s*$/;

/**
 * @param assumedAbi for lines that do not tell their architecture
 * @example decoder('x86_64').line('+++ killed by SIGSYS +++')[0]?.kind // 'seccomp'
 */
export function decoder(assumedAbi: AbiName): Decoder {
  let block: Block | undefined;
  const close = (): readonly Decoded[] => {
    const record = block === undefined ? undefined : recordOf(block);
    block = undefined;
    return record === undefined ? NOTHING : [record];
  };
  const line = (text: string): readonly Decoded[] => {
    const record = decodeLine(text, assumedAbi);
    if (record !== undefined) return block === undefined ? [record] : [...close(), record];
    if (!mayBeBlockLine(text)) return MASK.test(text) ? [...close(), maskRecord(text.trim())] : NOTHING;
    const added = addLine(text, block);
    if (added === undefined) return MASK.test(text) ? [...close(), maskRecord(text.trim())] : NOTHING;
    if (added !== 'new') {
      block = added;
      return NOTHING;
    }
    const closed = close();
    const begun = addLine(text, undefined);
    if (begun !== 'new') block = begun;
    return closed;
  };
  return { line, end: close };
}

/** Reads one line about a call; undefined for any other. */
export function decodeLine(text: string, assumedAbi: AbiName): SeccompRecord | undefined {
  // What a file system leaves of a file that was not written to its end.
  const line = text.charCodeAt(0) === 0 ? text.replace(/^\0+/, '') : text;
  const wrapping = jsonStart(line);
  if (wrapping < 0) return decodePlain(line, assumedAbi);
  const inner = unwrapJson(line.slice(wrapping));
  if (inner === undefined) return undefined;
  const record = decodePlain(inner.message, assumedAbi);
  return record === undefined || record.time !== undefined || inner.time === undefined
    ? record
    : { ...record, time: inner.time };
}

const BRACE = 0x7b;
/** Prefixes that collectors put before their JSON are shorter: a time, a stream, a tag. */
const LONGEST_PREFIX = 256;

/** Where the JSON of a line begins; -1 for other lines. strace prints structures as `{name=…`, never as `{"`. */
function jsonStart(line: string): number {
  if (line.charCodeAt(0) === BRACE) return 0;
  const at = line.indexOf('{"');
  return at < 0 || at > LONGEST_PREFIX ? -1 : at;
}

function decodePlain(line: string, assumedAbi: AbiName): SeccompRecord | undefined {
  const call = line.indexOf(' syscall=');
  if (call >= 0) return decodeAudit(line, call, assumedAbi) ?? decodeOther(line, assumedAbi);
  return line.includes(' sig=') ? decodeAbend(line) : decodeOther(line, assumedAbi);
}

function decodeOther(line: string, assumedAbi: AbiName): SeccompRecord | undefined {
  if (line.includes('SIGSYS') || line.includes('seccomp')) return decodeSigsys(line, assumedAbi);
  return line.includes(' = -1 E') ? decodeTraced(line, assumedAbi) : undefined;
}

/** What a mask of capabilities holds. */
export function maskRecord(hex: string): CapabilitiesRecord {
  const set = setOfMask(hex);
  const count = set.names.length;
  return {
    kind: 'capabilities',
    format: 'mask',
    sets: [set],
    meaning: `${count} capabilit${count === 1 ? 'y' : 'ies'}`,
  };
}

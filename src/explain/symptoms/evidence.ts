import type { AbiName } from '../../syscalls/abi.js';
import { subAbisDocker } from '../../syscalls/abis.js';
import { parseCall } from '../../syscalls/call.js';
import { decodeLine } from '../decode/decoder.js';
import { askedOf, isCall, parseTraced } from '../decode/strace.js';
import type { Catalogue } from './catalogue.js';
import { mentionsIn, numberedIn } from './mentions.js';
import { genericPattern, type Pattern, patterns } from './patterns.js';

/** What one line says for one cause. */
export interface Evidence {
  /** Absent when no call was denied. */
  readonly call?: string;
  /** What to ask about: with arguments where they are known, or for another ABI than the context's. */
  readonly ask?: string;
  /** 0 to 1. */
  readonly trust: number;
  readonly kind: 'record' | 'name' | 'catalogue' | 'pattern';
  /** EPERM and the like, as far as the line tells. */
  readonly errno?: string;
  readonly cause: string;
  readonly fix?: string;
  readonly conditions?: string;
  readonly source: string;
}

/** strace and audit lines: the call is told, nothing is guessed. */
export function machineEvidence(line: string, abi: AbiName): Evidence | undefined {
  const traced = parseTraced(line);
  if (traced !== undefined && isCall(traced.name, abi)) {
    // Failures other than these are a program's daily bread (ENOENT).
    const telling = traced.errno === 'EPERM' || traced.errno === 'ENOSYS';
    if (!telling && traced.errno !== 'EACCES') return undefined;
    const ask = askedOf(traced, abi);
    const call = nameOf(traced.name, abi);
    return {
      call,
      ...(ask === call ? {} : { ask }),
      trust: telling ? 0.99 : 0.5,
      kind: 'record',
      errno: traced.errno,
      cause: `strace shows that ${call} failed with ${traced.errno}`,
      source: 'strace(1)',
    };
  }
  const record = decodeLine(line, abi);
  if (record === undefined) return undefined;
  const { syscall, number, auditArch, abi: own, meaning } = record;
  if (syscall === undefined || own === undefined || number === undefined) {
    return { trust: 0.9, kind: 'record', cause: meaning, source: 'seccomp(2)' };
  }
  return {
    call: syscall,
    ...(own === abi || auditArch === undefined ? {} : { ask: `${own}:${syscall}` }),
    trust: record.action === 'SCMP_ACT_LOG' || record.action === 'SCMP_ACT_ALLOW' ? 0.3 : 0.99,
    kind: 'record',
    cause: `the record says: ${meaning}`,
    source: 'seccomp(2)',
  };
}

/** `syscall_0x1c4` is fchmodat2. */
function nameOf(word: string, abi: AbiName): string {
  return isCall(word, abi) ? (parseCall(word, abi).name ?? word) : word;
}

/** What a program's own message says. */
export function messageEvidence(
  line: string,
  normal: string,
  catalogue: Catalogue,
  abi: AbiName,
): readonly Evidence[] {
  const found: Evidence[] = [];
  const mentions = mentionsIn(normal);
  const named = new Set(mentions.map(({ call }) => call));
  for (const { symptom, likeness } of catalogue(normal)) {
    const { calls, errno, conditions, fix, source, likely, cause } = symptom;
    const sure = likeness * (likely === true ? 0.85 : 0.95);
    const rest = { kind: 'catalogue' as const, errno, conditions, fix, source };
    const told = `${symptom.program}: ${likely === true ? 'likely' : 'was'} ${cause ?? calls.join(' or ')} (${errno})`;
    if (calls.length === 0) found.push({ ...rest, trust: sure, cause: `${told}: ${conditions}` });
    // A message that names the first call is about that one; else the calls are alternatives.
    const later = named.has(calls[0] ?? '') ? 0.4 : 0.93;
    for (const [place, call] of calls.entries()) {
      found.push({ ...rest, call, trust: sure * later ** place, cause: `${told}: ${conditions}` });
    }
  }
  for (const pattern of patterns) {
    if (pattern.match.some((expression) => expression.test(normal))) found.push(...ofPattern(pattern));
  }
  const numbered = numberedIn(line, [abi, ...(subAbisDocker.get(abi) ?? [])]);
  for (const { call, trust, word } of [...mentions, ...(numbered === undefined ? [] : [numbered])]) {
    const cause =
      call === word ? `the message names ${call}` : `the message names ${word}, which is or makes ${call}`;
    found.push({ call, trust, kind: 'name', cause, source: `${call}(2)` });
  }
  if (found.length === 0 && genericPattern.match.some((expression) => expression.test(normal))) {
    found.push(...ofPattern(genericPattern));
  }
  return found;
}

function ofPattern({ calls, errno, cause, fix, source }: Pattern): readonly Evidence[] {
  const rest = { kind: 'pattern' as const, cause, fix, source, ...(errno === undefined ? {} : { errno }) };
  if (calls.length === 0) return [{ ...rest, trust: 0.9 }];
  return calls.map(({ trust, ...call }) => ({ ...rest, ...call, trust }));
}

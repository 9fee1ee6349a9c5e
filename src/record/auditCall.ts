import { decodeLine } from '../explain/decode/decoder.js';
import type { AbiName } from '../syscalls/abi.js';
import { abiOfCall, findAbi } from '../syscalls/abis.js';
import { syscallNumber } from '../syscalls/table.js';

/** A call that an audit record tells. */
export interface AuditCall {
  readonly abi: AbiName;
  /** As in seccomp_data.nr. */
  readonly number: number;
  /** a0 to a3, where the record has them. */
  readonly args: readonly (bigint | undefined)[];
}

/** The kernel's own record of a call that a rule of auditctl(8) matched (kernel/auditsc.c: audit_log_exit). */
const SYSCALL =
  /(?:^| )arch=(\w+) syscall=(\w+)(?: per=\w+)?(?: success=\w+)?(?: exit=\S+)?(?: a0=(\w+) a1=(\w+) a2=(\w+) a3=(\w+))?/;

/**
 * Reads a record of type SYSCALL, or one of seccomp's (type SECCOMP, 1326), in any written form.
 *
 * @param assumedAbi for a form of old kernels that does not tell the architecture
 * @returns undefined for a line without a call that can be told
 */
export function auditCall(line: string, assumedAbi: AbiName): AuditCall | undefined {
  if (!line.includes('syscall=')) return undefined;
  if (line.includes(' sig=') && line.includes(' code=')) {
    const record = decodeLine(line, assumedAbi);
    return record?.abi === undefined || record.number === undefined
      ? undefined
      : { abi: record.abi, number: record.number, args: [] };
  }
  const found = SYSCALL.exec(line);
  if (found === null) return undefined;
  const [, arch = '', call = '', ...registers] = found;
  const args = registers.map((word) =>
    word !== undefined && /^(?:0x)?[0-9a-f]{1,16}$/.test(word)
      ? BigInt(`0x${word.replace(/^0x/, '')}`)
      : undefined,
  );
  const digits = /^\d+$/.test(call) ? Number(call) : undefined;
  // ausearch --interpret writes names, and calls the i386 table by its machine.
  const token = /^[0-9a-f]{8}$/.test(arch) ? Number.parseInt(arch, 16) : undefined;
  const abi =
    token === undefined ? findAbi(/^i[3-6]86$/.test(arch) ? 'x86' : arch) : abiOfCall(token, digits ?? 0);
  const number = abi === undefined ? undefined : (digits ?? syscallNumber(call, abi));
  return abi === undefined || number === undefined ? undefined : { abi, number, args };
}

/** How many records the kernel says it dropped: `n` more, or `total` since it started. */
export function auditLoss(
  line: string,
): { readonly kind: 'more' | 'total'; readonly count: number } | undefined {
  const kind = line.includes('callbacks suppressed')
    ? 'more'
    : line.includes('audit_lost=')
      ? 'total'
      : undefined;
  if (kind === undefined || !line.includes('audit')) return undefined;
  const count = (kind === 'total' ? /audit_lost=(\d+)/ : /(\d+) callbacks suppressed/).exec(line)?.[1];
  return count === undefined ? undefined : { kind, count: Math.min(Number(count), Number.MAX_SAFE_INTEGER) };
}

import type { RecordedArguments, RecordedCall } from '../../record/recording.js';
import { abiOfCall } from '../../syscalls/abis.js';

/**
 * Memory that a recorder's machine code shares with this process: a page of its own fields, then a hash table of the
 * kinds of calls, then one of argument values. Both are probed linearly from a multiplicative hash; the fields of a
 * slot are 64-bit words.
 *
 *     kind:  number | audit arch << 32   count   mask of argument indices (32 bits), values kept (32 bits)   calls not kept
 *     value: number | audit arch << 32   six arguments, 0 where they are not asked for   count
 */
export const LAYOUT = {
  /** All calls that were received. */
  calls: 0,
  /** Calls whose kind found no slot. */
  lost: 8,
  /** A value's key while it is looked for: seven words. */
  sought: 0x80,
  /** struct seccomp_notif; newer kernels may write more of it. */
  notification: 0x100,
  notificationBytes: 0x100,
  /** struct seccomp_notif_resp, of which the code only writes the id. */
  response: 0x200,
  /** struct pollfd. */
  poll: 0x300,
  kinds: 0x1000,
  kindBytes: 32,
  kindBits: 12,
  values: 0x21000,
  valueBytes: 64,
  valueBits: 16,
  size: 0x421000,
} as const;

/** Slots that are tried before a kind or value is given up. */
export const PROBES = 64;
/** Different argument values that are kept of one kind of call. */
export const MAX_VALUES = 4096;
/** 2⁶⁴ divided by the golden ratio. */
export const HASH_MULTIPLIER = 0x9e3779b97f4a7c15n;

/** A kind of call whose arguments are asked for. */
export interface WantedArguments {
  readonly auditArch: number;
  /** As in seccomp_data.nr. */
  readonly number: number;
  /** 0..5. */
  readonly indices: readonly number[];
}

export const maskOf = (indices: readonly number[]): number =>
  indices.reduce((mask, index) => mask | (1 << index), 0);

const slots = (bits: number): number => 2 ** bits;

/** The memory as a recorder finds it at its start. */
export function initialTable(wanted: readonly WantedArguments[], listenerFd: number): Uint8Array {
  const bytes = new Uint8Array(LAYOUT.values);
  const view = new DataView(bytes.buffer);
  // Of the events none is asked for: POLLHUP comes unasked.
  view.setInt32(LAYOUT.poll, listenerFd, true);
  view.setUint32(LAYOUT.response + 20, 1, true); // SECCOMP_USER_NOTIF_FLAG_CONTINUE
  for (const { auditArch, number, indices } of wanted) {
    const key = BigInt(number >>> 0) | (BigInt(auditArch) << 32n);
    const hash = BigInt.asUintN(64, key * HASH_MULTIPLIER) >> BigInt(64 - LAYOUT.kindBits);
    for (let probe = 0; probe < PROBES; probe++) {
      const slot = (Number(hash) + probe) % slots(LAYOUT.kindBits);
      const at = LAYOUT.kinds + slot * LAYOUT.kindBytes;
      const there = view.getBigUint64(at, true);
      if (there !== 0n && there !== key) continue;
      view.setBigUint64(at, key, true);
      view.setUint32(at + 16, view.getUint32(at + 16, true) | maskOf(indices), true);
      break;
    }
  }
  return bytes;
}

export interface TableContents {
  readonly calls: readonly RecordedCall[];
  readonly lost: number;
}

/** What a recorder's memory holds. */
export function readTable(bytes: Uint8Array): TableContents {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Map<bigint, RecordedArguments[]>();
  const masks = new Map<bigint, number>();
  const calls: RecordedCall[] = [];
  const kinds: { readonly key: bigint; readonly count: number; readonly missed: bigint }[] = [];
  for (let slot = 0; slot < slots(LAYOUT.kindBits); slot++) {
    const at = LAYOUT.kinds + slot * LAYOUT.kindBytes;
    const key = view.getBigUint64(at, true);
    const count = Number(view.getBigUint64(at + 8, true));
    if (key === 0n || count === 0) continue;
    kinds.push({ key, count, missed: view.getBigUint64(at + 24, true) });
    const mask = view.getUint32(at + 16, true);
    if (mask !== 0) masks.set(key, mask);
  }
  for (let slot = 0; masks.size > 0 && slot < slots(LAYOUT.valueBits); slot++) {
    const at = LAYOUT.values + slot * LAYOUT.valueBytes;
    const key = view.getBigUint64(at, true);
    if (key === 0n) continue;
    const registers = Array.from({ length: 6 }, (_, index) => view.getBigUint64(at + 8 + 8 * index, true));
    const row = recordedArguments(masks.get(key) ?? 0, registers, Number(view.getBigUint64(at + 56, true)));
    values.set(key, [...(values.get(key) ?? []), row]);
  }
  for (const { key, count, missed } of kinds) {
    const args = masks.has(key) ? (values.get(key) ?? []) : undefined;
    const call = recordedCall(key, count, args, missed !== 0n);
    if (call !== undefined) calls.push(call);
  }
  return { calls, lost: Number(view.getBigUint64(LAYOUT.lost, true)) };
}

/** The values of the asked-for indices. */
export function recordedArguments(
  mask: number,
  registers: readonly bigint[],
  count: number,
): RecordedArguments {
  const asked = registers.flatMap((value, index) => ((mask >> index) & 1 ? [[index, value] as const] : []));
  return { values: Object.fromEntries(asked), count };
}

/** `key`: number | audit arch << 32. Undefined for an arch that no ABI has. */
export function recordedCall(
  key: bigint,
  count: number,
  args: readonly RecordedArguments[] | undefined,
  incomplete: boolean,
): RecordedCall | undefined {
  const number = Number(key & 0xffffffffn);
  const abi = abiOfCall(Number(key >> 32n), number);
  if (abi === undefined) return undefined;
  return {
    abi,
    number,
    count,
    ...(args === undefined ? {} : { args }),
    ...(incomplete ? { argsIncomplete: true } : {}),
  };
}

import { CallgateError } from '../../error.js';
import { EAGAIN, ENOENT } from '../constants.js';
import { libc } from '../ffi.js';
import { errnoName } from '../launchFailure.js';

/** Commands of bpf(2), map types, and flags (include/uapi/linux/bpf.h). */
const MAP_CREATE = 0;
const MAP_LOOKUP_ELEM = 1;
const MAP_UPDATE_ELEM = 2;
const MAP_GET_NEXT_KEY = 4;
const PROG_LOAD = 5;
const RAW_TRACEPOINT_OPEN = 17;
const PROG_TYPE_RAW_TRACEPOINT = 17;
const PROG_TYPE_TRACING = 26;
/** Value, and place in union bpf_attr, of expected_attach_type; the place of attach_btf_id. */
const BPF_TRACE_RAW_TP = 23;
const EXPECTED_ATTACH_TYPE = 68;
const ATTACH_BTF_ID = 108;
export const MAP_TYPE = { hash: 1, array: 2, perCpuHash: 5, perCpuArray: 6 } as const;

/** The helpers that read kernel memory are for programs under the GPL; these are offered under it as well. */
const LICENSE = 'Dual BSD/GPL';
const LOAD_ATTEMPTS = 5;
const LOG_BYTES = 1 << 16;

export interface MapShape {
  readonly type: (typeof MAP_TYPE)[keyof typeof MAP_TYPE];
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly entries: number;
}

/** union bpf_attr: 32- and 64-bit fields one after the other. */
function attributes(...fields: readonly (number | bigint)[]): Uint8Array {
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of fields) {
    if (typeof field === 'bigint') {
      at = Math.ceil(at / 8) * 8;
      view.setBigUint64(at, field, true);
      at += 8;
    } else {
      view.setUint32(at, field, true);
      at += 4;
    }
  }
  return bytes;
}

function failed(what: string, detail = ''): CallgateError {
  return new CallgateError('HOST', `${what}: ${errnoName(libc().errno())}${detail}`, {
    hint: 'eBPF needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN',
  });
}

/** The fd of a new map, close-on-exec. @throws {CallgateError} HOST */
export function createMap({ type, keyBytes, valueBytes, entries }: MapShape): number {
  const fd = libc().bpf(MAP_CREATE, attributes(type, keyBytes, valueBytes, entries));
  if (fd < 0) throw failed('bpf(BPF_MAP_CREATE)');
  return fd;
}

/** A program for a tracepoint. */
export interface TracepointProgram {
  readonly tracepoint: string;
  readonly program: Uint8Array;
  /** Where the arguments are to be the kernel's own types, whose members can be loaded: that of the tracepoint. */
  readonly typeId: number | undefined;
}

/** The fd of a program at a raw tracepoint; closing it ends the program. @throws {CallgateError} HOST */
export function attach({ tracepoint, program, typeId }: TracepointProgram): {
  readonly program: number;
  readonly link: number;
} {
  const c = libc();
  const license = Buffer.from(`${LICENSE}\0`);
  const load = (logBytes: number, log: bigint): number => {
    const attr = attributes(
      typeId === undefined ? PROG_TYPE_RAW_TRACEPOINT : PROG_TYPE_TRACING,
      program.length / 8,
      c.addressOf(program),
      c.addressOf(license),
      logBytes === 0 ? 0 : 1,
      logBytes,
      log,
    );
    if (typeId !== undefined) {
      const view = new DataView(attr.buffer);
      view.setUint32(EXPECTED_ATTACH_TYPE, BPF_TRACE_RAW_TP, true);
      view.setUint32(ATTACH_BTF_ID, typeId, true);
    }
    return c.bpf(PROG_LOAD, attr);
  };
  // A signal that comes meanwhile stops the verifier (kernel/bpf/verifier.c: do_check); libbpf tries five times as well.
  let fd = load(0, 0n);
  for (let attempt = 1; fd < 0 && c.errno() === EAGAIN && attempt < LOAD_ATTEMPTS; attempt++)
    fd = load(0, 0n);
  if (fd < 0) {
    const error = failed(`bpf(BPF_PROG_LOAD) of ${tracepoint}`);
    // Once more, for what the verifier says.
    const log = Buffer.alloc(LOG_BYTES);
    load(LOG_BYTES, c.addressOf(log));
    const said = log.subarray(0, log.indexOf(0)).toString().trim().split('\n').slice(-3).join('; ');
    if (said === '') throw error;
    throw new CallgateError('HOST', `${error.message}: ${said}`);
  }
  const name = Buffer.from(`${tracepoint}\0`);
  const link = c.bpf(RAW_TRACEPOINT_OPEN, attributes(typeId === undefined ? c.addressOf(name) : 0n, fd));
  if (link < 0) throw failed(`bpf(BPF_RAW_TRACEPOINT_OPEN) of ${tracepoint}`);
  return { program: fd, link };
}

/** @throws {CallgateError} HOST */
export function updateElement(map: number, key: Uint8Array, value: Uint8Array): void {
  const c = libc();
  const result = c.bpf(MAP_UPDATE_ELEM, attributes(map, c.addressOf(key), c.addressOf(value), 0n));
  if (result !== 0) throw failed('bpf(BPF_MAP_UPDATE_ELEM)');
}

/** The value of a key that is there; `valueBytes` as for {@link elements}. @throws {CallgateError} HOST */
export function element(map: number, key: Uint8Array, valueBytes: number): DataView {
  const c = libc();
  const value = new Uint8Array(valueBytes);
  if (c.bpf(MAP_LOOKUP_ELEM, attributes(map, c.addressOf(key), c.addressOf(value), 0n)) !== 0) {
    throw failed('bpf(BPF_MAP_LOOKUP_ELEM)');
  }
  return new DataView(value.buffer);
}

/** All keys and values; `valueBytes` as the kernel copies them out (each processor's value, for a per-CPU map). */
export function elements(
  map: number,
  keyBytes: number,
  valueBytes: number,
): readonly { readonly key: DataView; readonly value: DataView }[] {
  const c = libc();
  const found: { readonly key: DataView; readonly value: DataView }[] = [];
  let previous: Uint8Array | undefined;
  for (;;) {
    const key = new Uint8Array(keyBytes);
    const from = previous === undefined ? 0n : c.addressOf(previous);
    if (c.bpf(MAP_GET_NEXT_KEY, attributes(map, from, c.addressOf(key))) !== 0) {
      if (c.errno() === ENOENT) return found;
      throw failed('bpf(BPF_MAP_GET_NEXT_KEY)');
    }
    const value = new Uint8Array(valueBytes);
    if (c.bpf(MAP_LOOKUP_ELEM, attributes(map, c.addressOf(key), c.addressOf(value), 0n)) === 0) {
      found.push({ key: new DataView(key.buffer), value: new DataView(value.buffer) });
    }
    previous = key;
  }
}

const EHDR = 64;
const PHDR = 56;
const SEGMENTS = 3;
const HEADERS = EHDR + SEGMENTS * PHDR;

const PT_LOAD = 1;
const PT_GNU_STACK = 0x6474e551;
const PF_X = 1;
const PF_W = 2;
const PF_R = 4;

/** The largest page of the supported machines: aarch64 kernels may have pages of 64 KiB. */
const MAX_PAGE = 0x10000;

const READ_PAGE = 0x400000;
const WRITE_PAGE = 0x600000;
/** Room for what the code writes, between the headers and the rest of the file. */
const WRITE_SIZE = 64;

/** Where the writable area begins. An address and its place in the file must agree modulo the page size. */
export const WRITE_BASE = WRITE_PAGE + HEADERS;
/** Where the area of code and constants begins. */
export const READ_BASE = READ_PAGE + HEADERS + WRITE_SIZE;

export interface ElfParts {
  /** e_machine. */
  readonly machine: number;
  readonly entry: number;
  /** Mapped r-x at READ_BASE. */
  readonly read: Uint8Array;
  /** Mapped rw- at WRITE_BASE; may be empty. */
  readonly write: Uint8Array;
}

/**
 * A static ELF executable of 64 bits with two segments (one, if it writes nothing) and a stack that is not
 * executable. No part is both writable
 * and executable, which SELinux's execmem check would refuse.
 */
export function elf({ machine, entry, read, write }: ElfParts): Uint8Array {
  if (write.length > WRITE_SIZE) throw new RangeError(`${write.length} writable bytes`);
  const readOffset = HEADERS + WRITE_SIZE;
  const bytes = new Uint8Array(readOffset + read.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(EHDR), true);
  view.setUint16(52, EHDR, true);
  view.setUint16(54, PHDR, true);
  // The writable segment comes last, so that it can be left out.
  view.setUint16(56, write.length === 0 ? SEGMENTS - 1 : SEGMENTS, true);
  const segment = (
    index: number,
    fields: { type: number; flags: number; offset: number; address: number; size: number; align: number },
  ): void => {
    const at = EHDR + index * PHDR;
    view.setUint32(at, fields.type, true);
    view.setUint32(at + 4, fields.flags, true);
    view.setBigUint64(at + 8, BigInt(fields.offset), true);
    view.setBigUint64(at + 16, BigInt(fields.address), true);
    view.setBigUint64(at + 24, BigInt(fields.address), true);
    view.setBigUint64(at + 32, BigInt(fields.size), true);
    view.setBigUint64(at + 40, BigInt(fields.size), true);
    view.setBigUint64(at + 48, BigInt(fields.align), true);
  };
  segment(0, {
    type: PT_LOAD,
    flags: PF_R | PF_X,
    offset: 0,
    address: READ_PAGE,
    size: bytes.length,
    align: MAX_PAGE,
  });
  segment(1, { type: PT_GNU_STACK, flags: PF_R | PF_W, offset: 0, address: 0, size: 0, align: 16 });
  segment(2, {
    type: PT_LOAD,
    flags: PF_R | PF_W,
    offset: HEADERS,
    address: WRITE_BASE,
    size: WRITE_SIZE,
    align: MAX_PAGE,
  });
  bytes.set(write, HEADERS);
  bytes.set(read, readOffset);
  return bytes;
}

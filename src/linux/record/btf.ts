import { closeSync, openSync, readSync } from 'node:fs';

/** Magic and kinds of BTF (include/uapi/linux/btf.h), and how many bytes follow a type's head: fixed, and per member. */
const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const TYPE_BYTES = 12;
const STRUCT = 4;
const TYPEDEF = 8;
const FOLLOWING: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  1: [4, 0], // INT
  3: [12, 0], // ARRAY
  4: [0, 12], // STRUCT
  5: [0, 12], // UNION
  6: [0, 8], // ENUM
  13: [0, 8], // FUNC_PROTO
  14: [4, 0], // VAR
  15: [0, 12], // DATASEC
  17: [4, 0], // DECL_TAG
  19: [0, 12], // ENUM64
};

const NOTHING = [0, 0] as const;

/** task_struct and the tracepoints are within it. */
const FIRST_BYTES = 1 << 19;

/** A member of a structure. */
export type Member = readonly [structure: string, member: string];

export interface KernelTypes {
  /** Byte offsets of the members, in order. */
  readonly offsets: readonly (number | undefined)[];
  readonly typedefId: number | undefined;
}

/**
 * What the kernel's description of its types says of some members of structures and a typedef; undefined for those that
 * it does not have. The file takes long to read as a whole, and what every kernel source includes comes first in it:
 * more is read only when that is needed.
 */
export function kernelTypes(path: string, members: readonly Member[], typedef: string): KernelTypes {
  const fd = openSync(path, 'r');
  try {
    const part = (position: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      let filled = 0;
      for (let got = -1; got !== 0 && filled < length; filled += got) {
        got = readSync(fd, bytes, filled, length - filled, position + filled);
      }
      return bytes.subarray(0, filled);
    };
    const head = part(0, HEADER_BYTES);
    if (head.length < HEADER_BYTES || head.readUInt16LE(0) !== MAGIC) {
      return { offsets: members.map(() => undefined), typedefId: undefined };
    }
    const [header = 0, types = 0, typeBytes = 0, strings = 0, stringBytes = 0] = [4, 8, 12, 16, 20].map(
      (at) => head.readUInt32LE(at),
    );
    for (let length = FIRST_BYTES; ; length *= 8) {
      const found = search(
        viewOf(part(header + types, Math.min(length, typeBytes))),
        part(header + strings, Math.min(length, stringBytes)),
        members,
        typedef,
      );
      if (isWhole(found) || length >= Math.max(typeBytes, stringBytes)) return found;
    }
  } finally {
    closeSync(fd);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);

const isWhole = ({ offsets, typedefId }: KernelTypes): boolean =>
  typedefId !== undefined && !offsets.includes(undefined);

function search(types: DataView, strings: Buffer, wanted: readonly Member[], typedef: string): KernelTypes {
  // Each string is there once; a name that is not (yet) there is no type's.
  const place = (name: string): number => strings.indexOf(`\0${name}\0`, 0, 'latin1') + 1 || -1;
  const members = wanted.map(([structure, member]) => [place(structure), place(member)] as const);
  const structures = new Set(members.map(([structure]) => structure));
  const typedefName = place(typedef);
  const offsets = wanted.map((): number | undefined => undefined);
  let typedefId: number | undefined;
  // Types are numbered from 1, in order.
  for (let at = 0, id = 1; at + TYPE_BYTES <= types.byteLength; id++) {
    const name = types.getUint32(at, true);
    const info = types.getUint32(at + 4, true);
    const kind = (info >>> 24) & 0x1f;
    const [fixed, each] = FOLLOWING[kind] ?? NOTHING;
    const rows = at + TYPE_BYTES;
    const end = rows + fixed + each * (info & 0xffff);
    if (kind === TYPEDEF && name === typedefName) typedefId = id;
    if (kind === STRUCT && structures.has(name) && end <= types.byteLength) {
      for (let row = rows; row < end; row += each) {
        const rowName = types.getUint32(row, true);
        const index = members.findIndex(([structure, member]) => structure === name && member === rowName);
        // Bits; in a structure with bitfields the upper byte is a field's width.
        if (index >= 0) offsets[index] ??= (types.getUint32(row + 8, true) & 0xffffff) / 8;
      }
    }
    at = end;
  }
  return { offsets, typedefId };
}

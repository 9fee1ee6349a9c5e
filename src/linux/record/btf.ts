/** Magic and kinds of BTF (include/uapi/linux/btf.h), and how many bytes follow a type's head: fixed, and per member. */
const MAGIC = 0xeb9f;
const TYPE_BYTES = 12;
const STRUCT = 4;
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

/** Byte offset of a member of a structure in the kernel's description of its types; undefined when it has none. */
export function memberOffset(btf: Uint8Array, structure: string, member: string): number | undefined {
  const view = new DataView(btf.buffer, btf.byteOffset, btf.byteLength);
  if (view.getUint16(0, true) !== MAGIC) return undefined;
  const header = view.getUint32(4, true);
  const types = header + view.getUint32(8, true);
  const end = types + view.getUint32(12, true);
  const strings = header + view.getUint32(16, true);
  const named = (at: number, name: string): boolean => {
    for (let index = 0; index < name.length; index++) {
      if (btf[strings + at + index] !== name.charCodeAt(index)) return false;
    }
    return btf[strings + at + name.length] === 0;
  };
  for (let at = types; at < end; ) {
    const info = view.getUint32(at + 4, true);
    const kind = (info >>> 24) & 0x1f;
    const count = info & 0xffff;
    const members = at + TYPE_BYTES;
    if (kind === STRUCT && named(view.getUint32(at, true), structure)) {
      for (let row = members; row < members + count * 12; row += 12) {
        // With the flag of bitfields the upper byte is a width; status is none.
        if (named(view.getUint32(row, true), member)) return (view.getUint32(row + 8, true) & 0xffffff) / 8;
      }
    }
    const [fixed, each] = FOLLOWING[kind] ?? [0, 0];
    at = members + fixed + each * count;
  }
  return undefined;
}

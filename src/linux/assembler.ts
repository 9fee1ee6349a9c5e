/** Collects machine code; jumps name labels and are filled in at the end. */
export interface Assembler {
  readonly emit: (bytes: readonly number[]) => void;
  readonly word: (value: number) => void;
  readonly label: (name: string) => void;
  /** Remembers that `patch` must be told the label's distance once it is known. */
  readonly fixup: (target: string, patch: Patch) => void;
  readonly finish: () => Uint8Array;
}

/** Writes a distance (bytes, from the place of the fixup to the label) into the code at that place. */
type Patch = (code: DataView, at: number, distance: number) => void;

export function assembler(): Assembler {
  const bytes: number[] = [];
  const labels = new Map<string, number>();
  const fixups: { readonly at: number; readonly target: string; readonly patch: Patch }[] = [];
  const emit = (more: readonly number[]): void => {
    bytes.push(...more);
  };
  return {
    emit,
    word: (value) => emit(littleEndian(value)),
    label: (name) => labels.set(name, bytes.length),
    fixup: (target, patch) => fixups.push({ at: bytes.length, target, patch }),
    finish: () => {
      const code = Uint8Array.from(bytes);
      const view = new DataView(code.buffer);
      for (const { at, target, patch } of fixups) {
        const position = labels.get(target);
        if (position === undefined) throw new RangeError(`no label ${target}`);
        patch(view, at, position - at);
      }
      return code;
    },
  };
}

/** The four bytes of a 32-bit word. */
export function littleEndian(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

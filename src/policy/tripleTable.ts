/** A table from three 32-bit integers to one, for the many thousand nodes of a diagram: no text, no objects. */
export interface TripleTable {
  readonly get: (a: number, b: number, c: number) => number | undefined;
  /** The triple must not be there yet. */
  readonly add: (a: number, b: number, c: number, value: number) => void;
  readonly size: () => number;
}

/** Words of an entry: the triple and its value. */
const WIDTH = 4;
const FIRST_ENTRIES = 1 << 10;

/** Open addressing; at most half full. */
export function createTripleTable(): TripleTable {
  let entries = FIRST_ENTRIES;
  let cells = new Int32Array(entries * WIDTH);
  let taken = new Uint8Array(entries);
  let count = 0;

  const place = (a: number, b: number, c: number): number => {
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let at = (hash ^ (hash >>> 13)) & (entries - 1);
    while (taken[at] === 1) {
      const cell = at * WIDTH;
      if (cells[cell] === a && cells[cell + 1] === b && cells[cell + 2] === c) return at;
      at = (at + 1) & (entries - 1);
    }
    return at;
  };
  const put = (a: number, b: number, c: number, value: number): void => {
    const at = place(a, b, c);
    taken[at] = 1;
    const cell = at * WIDTH;
    cells[cell] = a;
    cells[cell + 1] = b;
    cells[cell + 2] = c;
    cells[cell + 3] = value;
  };
  const grow = (): void => {
    const [oldCells, oldTaken] = [cells, taken];
    entries *= 2;
    cells = new Int32Array(entries * WIDTH);
    taken = new Uint8Array(entries);
    for (let at = 0; at < oldTaken.length; at++) {
      if (oldTaken[at] !== 1) continue;
      const cell = at * WIDTH;
      put(oldCells[cell] ?? 0, oldCells[cell + 1] ?? 0, oldCells[cell + 2] ?? 0, oldCells[cell + 3] ?? 0);
    }
  };

  return {
    get: (a, b, c) => {
      const at = place(a, b, c);
      return taken[at] === 1 ? cells[at * WIDTH + 3] : undefined;
    },
    add: (a, b, c, value) => {
      if (2 * count >= entries) grow();
      put(a, b, c, value);
      count++;
    },
    size: () => count,
  };
}

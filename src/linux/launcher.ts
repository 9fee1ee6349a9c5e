import { elf, READ_BASE, WRITE_BASE } from './elf.js';
import type { Machine } from './machine.js';
import type { Blob, Operand, Place, Script, Step } from './script.js';
import { ENTRY_BYTES, EXECUTE, WAIT, WORDS } from './table.js';

/** A launcher: a static executable that runs a script, then executes its own arguments (argv[0] is the file, the rest its argv). */
export interface Launcher {
  readonly image: Uint8Array;
  /** The step whose table entry has this address, as a failing launcher reports it. */
  readonly stepAt: (address: number) => string;
}

/** The last entry: the command's own execve. */
export const EXECVE_STEP = 'execve';

/**
 * Lays out code, table and data and gives every blob its address. The code reports a failing step on `statusFd` as
 * two 32-bit words, the entry's address and the errno.
 */
export function launcher(machine: Machine, script: Script, statusFd: number): Launcher {
  const report: Blob = { bytes: new Uint8Array(8), writable: true, pointers: [] };
  const codeLength = machine.code({ table: 0, report: 0, statusFd }).length;
  const scripts = withThreads(script);
  const places = new Map<Blob, number>();
  const read = area(READ_BASE);
  const write = area(WRITE_BASE);

  const codeAddress = read.reserve(codeLength);
  const tables = scripts.map((steps) => read.reserve((steps.length + 1) * ENTRY_BYTES));
  const addressOf = (place: Place): number => {
    let address = places.get(place.blob);
    if (address === undefined) {
      address = (place.blob.writable ? write : read).reserve(place.blob.bytes.length);
      places.set(place.blob, address);
      for (const { to } of place.blob.pointers) addressOf(to);
    }
    return address + place.offset;
  };
  const reportAddress = addressOf({ blob: report, offset: 0 });

  const names = new Map<number, string>();
  scripts.forEach((steps, index) => {
    const base = tables[index] ?? 0;
    const table = new Uint8Array((steps.length + 1) * ENTRY_BYTES);
    const view = new DataView(table.buffer);
    steps.forEach((step, position) => {
      names.set(base + position * ENTRY_BYTES, step.name);
      const thread =
        step.kind === 'call' && step.thread !== undefined ? tables[scripts.indexOf(step.thread)] : undefined;
      encodeStep(machine, step, addressOf, thread ?? 0).forEach((word, offset) => {
        view.setUint32(position * ENTRY_BYTES + offset * 4, word, true);
      });
    });
    view.setUint32(steps.length * ENTRY_BYTES, EXECUTE, true);
    names.set(base + steps.length * ENTRY_BYTES, EXECVE_STEP);
    read.put(base, table);
  });
  const [table = 0] = tables;
  read.put(codeAddress, machine.code({ table, report: reportAddress, statusFd }));
  for (const [{ bytes, pointers, writable }, address] of places) {
    const copy = Uint8Array.from(bytes);
    const view = new DataView(copy.buffer);
    for (const { at, to } of pointers) view.setBigUint64(at, BigInt(addressOf(to)), true);
    (writable ? write : read).put(address, copy);
  }
  return {
    image: elf({ machine: machine.elfMachine, entry: codeAddress, read: read.bytes(), write: write.bytes() }),
    stepAt: (address) => names.get(address) ?? `entry 0x${address.toString(16)}`,
  };
}

/** The script and those of its threads, each once. */
function withThreads(script: Script): readonly Script[] {
  return [
    script,
    ...script.flatMap((step) =>
      step.kind === 'call' && step.thread !== undefined ? withThreads(step.thread) : [],
    ),
  ];
}

function encodeStep(
  machine: Machine,
  step: Step,
  addressOf: (place: Place) => number,
  thread: number,
): number[] {
  const value = (operand: Operand): number =>
    typeof operand === 'number' ? operand >>> 0 : addressOf(operand);
  const words = new Array<number>(WORDS).fill(0);
  switch (step.kind) {
    case 'wait':
      words[0] = WAIT;
      words[1] = addressOf(step.until);
      return words;
    case 'call':
      words[0] = machine.numbers[step.call];
      step.args.forEach((operand, index) => {
        words[1 + index] = value(operand);
      });
      words[7] = step.store === undefined ? 0 : addressOf(step.store);
      words[8] = step.ignore ?? 0;
      words[9] = step.repeat ?? 0;
      words[10] = thread;
      words[11] = step.fd === undefined ? 0 : addressOf(step.fd);
      return words;
  }
}

const ALIGNMENT = 8;

/** Memory that grows from a base address. */
function area(base: number) {
  const parts: { readonly address: number; readonly bytes: Uint8Array }[] = [];
  let end = base;
  return {
    reserve: (length: number): number => {
      const address = end;
      end = Math.ceil((end + length) / ALIGNMENT) * ALIGNMENT;
      return address;
    },
    put: (address: number, bytes: Uint8Array): void => {
      parts.push({ address, bytes });
    },
    bytes: (): Uint8Array => {
      const all = new Uint8Array(end - base);
      for (const { address, bytes } of parts) all.set(bytes, address - base);
      return all;
    },
  };
}

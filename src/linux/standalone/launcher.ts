import { encode } from '../../bpf/encode.js';
import type { Program } from '../../bpf/instruction.js';
import { CallgateError } from '../../error.js';
import type { AbiName } from '../../syscalls/abi.js';
import { errnoName } from '../../syscalls/constants.js';
import { elf, READ_BASE } from '../elf.js';
import { FILTER_STEP, PRIVILEGES_STEP } from '../script.js';
import { DEFAULT_PATH } from '../table.js';
import { aarch64 } from './aarch64.js';
import type { Processor } from './processor.js';
import { type Places, program } from './program.js';
import { riscv64 } from './riscv64.js';
import { x86_64 } from './x86_64.js';

const PROCESSORS: readonly Processor[] = [x86_64, aarch64, riscv64];

/** The last errno of include/uapi/asm-generic/errno.h. */
const LAST_ERRNO = 133;

/**
 * A static executable of a few kilobytes that puts itself under a filter, with no_new_privs, and executes its arguments:
 * `./sandbox COMMAND ARGUMENT…`. It needs nothing but the kernel.
 *
 * @param flags for seccomp(2)
 * @throws {CallgateError} USAGE for a machine without a launcher
 */
export function standaloneLauncher(filter: Program, flags: number, abi: AbiName): Uint8Array {
  const processor = PROCESSORS.find(({ name }) => name === abi);
  if (processor === undefined) {
    throw new CallgateError('USAGE', `there is no launcher for ${abi}`, {
      expected: PROCESSORS.map(({ name }) => name).join(', '),
      hint: '--format bpf gives the filter for any machine',
    });
  }
  const data = memory(READ_BASE);
  const bytes = encode(filter, 'little');
  const prog = new Uint8Array(16);
  new DataView(prog.buffer).setUint16(0, filter.length, true);
  new DataView(prog.buffer).setBigUint64(8, BigInt(data.put(bytes)), true);
  const errnos = Array.from(
    { length: LAST_ERRNO },
    (_, index) => errnoName(index + 1, abi) ?? `errno ${index + 1}`,
  );
  const places: Places = {
    filter: data.put(prog),
    flags,
    usage: data.text('usage: sandbox COMMAND [ARGUMENT…]\n'),
    privileges: data.text(`callgate: ${PRIVILEGES_STEP}`),
    seccomp: data.text(`callgate: ${FILTER_STEP}`),
    execute: data.text('callgate: cannot execute '),
    colon: data.text(': '),
    newline: data.text('\n'),
    empty: data.text(''),
    path: data.text(DEFAULT_PATH),
    errnos: data.text([...errnos, 'an unknown error'].join('\0')),
    errnoCount: LAST_ERRNO + 1,
  };
  const entry = data.put(program(processor, places));
  return elf({ machine: processor.elfMachine, entry, read: data.bytes(), write: new Uint8Array() });
}

const ALIGNMENT = 8;
const encoder = new TextEncoder();

/** Bytes that grow from a base address; `put` and `text` give the address of what was added. */
function memory(base: number) {
  const parts: Uint8Array[] = [];
  let length = 0;
  const put = (bytes: Uint8Array): number => {
    const padded = new Uint8Array(Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT);
    padded.set(bytes);
    parts.push(padded);
    length += padded.length;
    return base + length - padded.length;
  };
  return {
    put,
    text: (text: string): number => put(encoder.encode(`${text}\0`)),
    bytes: (): Uint8Array => {
      const all = new Uint8Array(length);
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return all;
    },
  };
}

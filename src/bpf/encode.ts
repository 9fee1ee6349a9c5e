import { CallgateError } from '../error.js';
import type { Instruction, Program } from './instruction.js';

/** Byte order of the machine that loads the filter. */
export type Endian = 'little' | 'big';

/** sizeof(struct sock_filter). */
const SIZE = 8;

/**
 * The bytes that seccomp(2) takes: an array of struct sock_filter in the byte order of the machine that loads it.
 *
 * @example
 * encode([{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }], 'little') // Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f)
 */
export function encode(program: Program, endian: Endian): Uint8Array {
  const bytes = new Uint8Array(program.length * SIZE);
  const view = new DataView(bytes.buffer);
  const little = endian === 'little';
  program.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(index * SIZE, code, little);
    view.setUint8(index * SIZE + 2, jt);
    view.setUint8(index * SIZE + 3, jf);
    view.setUint32(index * SIZE + 4, k, little);
  });
  return bytes;
}

/**
 * Instructions from the bytes of a filter. They are not judged: see check().
 * @throws {CallgateError} INPUT when the length is not a multiple of 8.
 */
export function decode(bytes: Uint8Array, endian: Endian): Program {
  if (bytes.length % SIZE !== 0) {
    throw new CallgateError('INPUT', `a BPF program of ${bytes.length} bytes ends inside an instruction`, {
      expected: `a multiple of ${SIZE} bytes (struct sock_filter)`,
      hint: 'the file may be cut, or not a BPF program',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = endian === 'little';
  const program: Instruction[] = [];
  for (let at = 0; at < bytes.length; at += SIZE) {
    program.push({
      code: view.getUint16(at, little),
      jt: view.getUint8(at + 2),
      jf: view.getUint8(at + 3),
      k: view.getUint32(at + 4, little),
    });
  }
  return program;
}

/**
 * The few instructions of classic BPF that libseccomp emits, run on words of struct seccomp_data.
 * Deliberately apart from src/bpf, so that the two sides of a comparison share nothing.
 */
export interface RawProgram {
  readonly code: Uint16Array;
  readonly jt: Uint8Array;
  readonly jf: Uint8Array;
  readonly k: Uint32Array;
}

export function readProgram(bytes: Buffer, endian: 'little' | 'big'): RawProgram {
  const length = bytes.length / 8;
  const program = {
    code: new Uint16Array(length),
    jt: new Uint8Array(length),
    jf: new Uint8Array(length),
    k: new Uint32Array(length),
  };
  for (let index = 0; index < length; index++) {
    const at = index * 8;
    program.code[index] = endian === 'little' ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
    program.jt[index] = bytes.readUInt8(at + 2);
    program.jf[index] = bytes.readUInt8(at + 3);
    program.k[index] = endian === 'little' ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4);
  }
  return program;
}

/** struct seccomp_data as 16 words, each as a load of four bytes at its offset gives it. */
export function seccompData(
  number: number,
  auditArch: number,
  args: readonly bigint[],
  endian: 'little' | 'big',
): Uint32Array {
  const words = new Uint32Array(16);
  words[0] = number;
  words[1] = auditArch;
  for (let index = 0; index < 6; index++) {
    const value = args[index] ?? 0n;
    const high = endian === 'big' ? 0 : 1;
    words[4 + index * 2 + high] = Number(value >> 32n);
    words[4 + index * 2 + (1 - high)] = Number(value & 0xffffffffn);
  }
  return words;
}

/** The program's return value. */
export function run(program: RawProgram, data: Uint32Array): number {
  const { code, jt, jf, k } = program;
  let accumulator = 0;
  for (let at = 0; at < code.length; at++) {
    const value = k[at] ?? 0;
    switch (code[at]) {
      case 0x20:
        accumulator = data[value >> 2] ?? 0;
        break;
      case 0x54:
        accumulator = (accumulator & value) >>> 0;
        break;
      case 0x05:
        at += value;
        break;
      case 0x15:
        at += (accumulator === value ? jt[at] : jf[at]) ?? 0;
        break;
      case 0x25:
        at += (accumulator > value ? jt[at] : jf[at]) ?? 0;
        break;
      case 0x35:
        at += (accumulator >= value ? jt[at] : jf[at]) ?? 0;
        break;
      case 0x06:
        return value;
      default:
        throw new Error(`instruction ${code[at]?.toString(16)} at ${at}`);
    }
  }
  throw new Error('the program ended without a return');
}

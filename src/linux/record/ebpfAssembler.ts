/** Instructions of eBPF (Documentation/bpf/standardization/instruction-set.rst), as far as the recorder needs them. */
export interface EbpfAssembler {
  readonly moveRegister: (to: Register, from: Register) => void;
  readonly move: (to: Register, value: number) => void;
  readonly add: (to: Register, value: number) => void;
  readonly addRegister: (to: Register, from: Register) => void;
  readonly multiply: (to: Register, value: number) => void;
  readonly shiftLeft: (to: Register, bits: number) => void;
  readonly shiftRight: (to: Register, bits: number) => void;
  readonly negate: (to: Register) => void;
  readonly and: (to: Register, value: number) => void;
  readonly load: (size: Size, to: Register, from: Register, offset: number) => void;
  readonly store: (size: Size, to: Register, offset: number, from: Register) => void;
  readonly storeValue: (size: Size, to: Register, offset: number, value: number) => void;
  /** Adds a register to the 64-bit word, whole. */
  readonly atomicAdd: (to: Register, offset: number, from: Register) => void;
  readonly loadMap: (to: Register, fd: number) => void;
  /** The address of the one value of an array, which needs no lookup. */
  readonly loadMapValue: (to: Register, fd: number) => void;
  readonly call: (helper: number) => void;
  readonly jump: (target: string) => void;
  /** Compares 64 bits with a sign-extended number. */
  readonly jumpIf: (test: 'equal' | 'unequal', register: Register, value: number, target: string) => void;
  readonly jumpIfSame: (register: Register, other: Register, target: string) => void;
  readonly jumpUnlessSame: (register: Register, other: Register, target: string) => void;
  /** Compares 64 bits without a sign. */
  readonly jumpIfAbove: (register: Register, value: number, target: string) => void;
  /** Compares the lower 32 bits. */
  readonly jumpUnlessWord: (register: Register, value: number, target: string) => void;
  /** Jumps unless one of the bits is set. */
  readonly jumpUnlessBits: (register: Register, bits: number, target: string) => void;
  readonly label: (name: string) => void;
  /** Ends the program with 0. */
  readonly end: () => void;
  readonly finish: () => Uint8Array;
}

/** 10 is the frame pointer: the stack lies below it. 0..5 do not survive a call. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;
export type Size = 'byte' | 'word' | 'double';

const BYTES = 8;
const SIZE: Readonly<Record<Size, number>> = { byte: 0x10, word: 0x00, double: 0x18 };

const LDX_MEM = 0x61;
const ST_MEM = 0x62;
const STX_MEM = 0x63;
const STX_ATOMIC_DOUBLE = 0xdb;
const ADD_K = 0x07;
const ADD_X = 0x0f;
const MUL_K = 0x27;
const LSH_K = 0x67;
const AND_K = 0x57;
const RSH_K = 0x77;
const NEG = 0x87;
const MOV_K = 0xb7;
const MOV_X = 0xbf;
const JA = 0x05;
const JEQ_K = 0x15;
const JEQ_X = 0x1d;
const JGT_K = 0x25;
const JSET_K = 0x45;
const JNE_K = 0x55;
const JNE_X = 0x5d;
const JNE32_K = 0x56;
const CALL = 0x85;
const EXIT = 0x95;
const LD_IMM64 = 0x18;
/** src_reg of LD_IMM64: the number is a map's fd. */
const BPF_PSEUDO_MAP_FD = 1;
/** The same, for the address of its value. */
const BPF_PSEUDO_MAP_VALUE = 2;

export function ebpfAssembler(): EbpfAssembler {
  const words: Uint8Array[] = [];
  const labels = new Map<string, number>();
  const jumps: { readonly at: number; readonly target: string }[] = [];

  const emit = (code: number, to: number, from: number, offset: number, value: number): void => {
    const bytes = new Uint8Array(BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, code);
    view.setUint8(1, to | (from << 4));
    view.setInt16(2, offset, true);
    view.setInt32(4, value | 0, true);
    words.push(bytes);
  };
  const jumpTo = (code: number, register: number, value: number, target: string, other = 0): void => {
    jumps.push({ at: words.length, target });
    emit(code, register, other, 0, value);
  };
  return {
    moveRegister: (to, from) => emit(MOV_X, to, from, 0, 0),
    move: (to, value) => emit(MOV_K, to, 0, 0, value),
    add: (to, value) => emit(ADD_K, to, 0, 0, value),
    addRegister: (to, from) => emit(ADD_X, to, from, 0, 0),
    multiply: (to, value) => emit(MUL_K, to, 0, 0, value),
    shiftLeft: (to, bits) => emit(LSH_K, to, 0, 0, bits),
    shiftRight: (to, bits) => emit(RSH_K, to, 0, 0, bits),
    negate: (to) => emit(NEG, to, 0, 0, 0),
    and: (to, value) => emit(AND_K, to, 0, 0, value),
    load: (size, to, from, offset) => emit(LDX_MEM | SIZE[size], to, from, offset, 0),
    store: (size, to, offset, from) => emit(STX_MEM | SIZE[size], to, from, offset, 0),
    storeValue: (size, to, offset, value) => emit(ST_MEM | SIZE[size], to, 0, offset, value),
    atomicAdd: (to, offset, from) => emit(STX_ATOMIC_DOUBLE, to, from, offset, 0),
    loadMap: (to, fd) => {
      emit(LD_IMM64, to, BPF_PSEUDO_MAP_FD, 0, fd);
      emit(0, 0, 0, 0, 0);
    },
    loadMapValue: (to, fd) => {
      emit(LD_IMM64, to, BPF_PSEUDO_MAP_VALUE, 0, fd);
      emit(0, 0, 0, 0, 0);
    },
    call: (helper) => emit(CALL, 0, 0, 0, helper),
    jump: (target) => jumpTo(JA, 0, 0, target),
    jumpIf: (test, register, value, target) =>
      jumpTo(test === 'equal' ? JEQ_K : JNE_K, register, value, target),
    jumpIfSame: (register, other, target) => jumpTo(JEQ_X, register, 0, target, other),
    jumpUnlessSame: (register, other, target) => jumpTo(JNE_X, register, 0, target, other),
    jumpIfAbove: (register, value, target) => jumpTo(JGT_K, register, value, target),
    jumpUnlessWord: (register, value, target) => jumpTo(JNE32_K, register, value, target),
    jumpUnlessBits: (register, bits, target) => {
      // JSET jumps when a bit is set: over the jump away.
      emit(JSET_K, register, 0, 1, bits);
      jumpTo(JA, 0, 0, target);
    },
    label: (name) => labels.set(name, words.length),
    end: () => {
      emit(MOV_K, 0, 0, 0, 0);
      emit(EXIT, 0, 0, 0, 0);
    },
    finish: () => {
      const program = new Uint8Array(words.length * BYTES);
      words.forEach((bytes, index) => program.set(bytes, index * BYTES));
      const view = new DataView(program.buffer);
      for (const { at, target } of jumps) {
        const position = labels.get(target);
        if (position === undefined) throw new RangeError(`no label ${target}`);
        view.setInt16(at * BYTES + 2, position - at - 1, true);
      }
      return program;
    },
  };
}

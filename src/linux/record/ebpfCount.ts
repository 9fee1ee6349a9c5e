import type { EbpfAssembler, Register, Size } from './ebpfAssembler.js';
import {
  AUDIT_ARCH_I386,
  AUDIT_ARCH_X86_64,
  CALL_KEY,
  CALL_KEY_BYTES,
  CALL_VALUE,
  COMPAT_ARGUMENTS,
  type EbpfParameters,
  FRAME,
  NATIVE_ARGUMENTS,
  NEW_CALL,
  REGISTERS,
  REGS,
  SCRATCH,
  TS_COMPAT,
  USUAL_NUMBERS,
  VALUES_KEY,
} from './ebpfLayout.js';
import { lookup, read, update } from './ebpfTasks.js';

/** Adds 1 to what was lost. The key is there from the start. */
export function countLost(asm: EbpfAssembler, calls: number): void {
  asm.storeValue('double', FRAME, CALL_KEY, -1);
  lookup(asm, calls, CALL_KEY);
  asm.jumpIf('equal', 0, 0, 'end');
  increment(asm, 0, CALL_VALUE.count);
}

/** A plain addition: the values are the processor's own, and a program at a tracepoint is not interrupted by its like. */
export function increment(asm: EbpfAssembler, value: Register, offset: number): void {
  asm.load('double', 1, value, offset);
  asm.add(1, 1);
  asm.store('double', value, offset, 1);
}

/** Counts the call r8, a 32-bit one unless r9 is 0, whose registers are at r6, and ends the program. */
export function countCall(asm: EbpfAssembler, { usual, calls, values }: EbpfParameters): void {
  asm.jumpIfAbove(8, USUAL_NUMBERS - 1, 'unusual');
  asm.storeValue('double', FRAME, SCRATCH, 0);
  lookup(asm, usual, SCRATCH);
  asm.jumpIf('equal', 0, 0, 'counted');
  asm.moveRegister(1, 9);
  asm.shiftLeft(1, Math.log2(USUAL_NUMBERS / TS_COMPAT));
  asm.addRegister(1, 8);
  asm.multiply(1, CALL_VALUE.bytes);
  asm.addRegister(0, 1);
  asm.jump('known');

  asm.label('unusual');
  callKey(asm, 'unusual native');
  lookup(asm, calls, CALL_KEY);
  asm.jumpIf('unequal', 0, 0, 'known');

  asm.storeValue('double', FRAME, NEW_CALL + CALL_VALUE.count, 1);
  asm.storeValue('double', FRAME, NEW_CALL + CALL_VALUE.mask, 0);
  asm.storeValue('double', FRAME, NEW_CALL + CALL_VALUE.missed, 0);
  update(asm, calls, CALL_KEY, NEW_CALL);
  asm.jumpIf('equal', 0, 0, 'counted');
  countLost(asm, calls);
  asm.jump('counted');

  asm.label('known');
  asm.moveRegister(7, 0);
  increment(asm, 7, CALL_VALUE.count);
  asm.load('double', 1, 7, CALL_VALUE.mask);
  asm.jumpIf('equal', 1, 0, 'counted');
  callKey(asm, 'native');
  asm.load('double', 8, 7, CALL_VALUE.mask);
  read(asm, REGISTERS, 6, REGS.bytes);
  asm.load('double', 1, FRAME, CALL_KEY);
  asm.store('double', FRAME, VALUES_KEY, 1);
  asm.jumpIf('equal', 9, 0, 'native arguments');
  copyArguments(asm, 'word', COMPAT_ARGUMENTS, 'compat');
  asm.jump('arguments');
  asm.label('native arguments');
  copyArguments(asm, 'double', NATIVE_ARGUMENTS, 'native');
  asm.label('arguments');
  lookup(asm, values, VALUES_KEY);
  asm.jumpIf('equal', 0, 0, 'new values');
  asm.move(1, 1);
  asm.atomicAdd(0, 0, 1);
  asm.jump('counted');
  asm.label('new values');
  asm.storeValue('double', FRAME, SCRATCH, 1);
  update(asm, values, VALUES_KEY, SCRATCH);
  asm.jumpIf('equal', 0, 0, 'counted');
  increment(asm, 7, CALL_VALUE.missed);
  asm.label('counted');
  asm.end();
}

/** Stores the key of the call r8, which is a 32-bit one unless r9 is 0. `native` is a label. */
export function callKey(asm: EbpfAssembler, native: string): void {
  asm.store('word', FRAME, CALL_KEY, 8);
  asm.storeValue('word', FRAME, CALL_KEY + 4, AUDIT_ARCH_X86_64);
  asm.jumpIf('equal', 9, 0, native);
  asm.storeValue('word', FRAME, CALL_KEY + 4, AUDIT_ARCH_I386);
  asm.label(native);
}

/** The arguments that the mask in r8 has; 0 for the others. */
export function copyArguments(
  asm: EbpfAssembler,
  size: Size,
  offsets: readonly number[],
  name: string,
): void {
  offsets.forEach((offset, index) => {
    const skip = `${name} ${index}`;
    asm.move(1, 0);
    asm.jumpUnlessBits(8, 1 << index, skip);
    asm.load(size, 1, FRAME, REGISTERS + offset);
    asm.label(skip);
    asm.store('double', FRAME, VALUES_KEY + CALL_KEY_BYTES + 8 * index, 1);
  });
}

import type { EbpfAssembler, Register } from './ebpfAssembler.js';
import {
  type EbpfParameters,
  FRAME,
  HELPER,
  PROCESS_IDS,
  REGISTERS_DISTANCE,
  SHARED,
  STACK_BITS,
  TASK_PLACES,
  type TaskOffsets,
} from './ebpfLayout.js';

export const address = (asm: EbpfAssembler, to: Register, offset: number): void => {
  asm.moveRegister(to, FRAME);
  asm.add(to, offset);
};

export function lookup(asm: EbpfAssembler, map: number, key: number): void {
  asm.loadMap(1, map);
  address(asm, 2, key);
  asm.call(HELPER.mapLookup);
}

/** BPF_ANY; r0 is not 0 when the map is full. */
export function update(asm: EbpfAssembler, map: number, key: number, value: number): void {
  asm.loadMap(1, map);
  address(asm, 2, key);
  address(asm, 3, value);
  asm.move(4, 0);
  asm.call(HELPER.mapUpdate);
}

/** Addresses the byte of an id in `processes` or `entered`. */
export function byteOf(asm: EbpfAssembler, to: Register, map: number, id: Register): void {
  asm.and(id, PROCESS_IDS - 1);
  asm.loadMapValue(to, map);
  asm.addRegister(to, id);
}

/** r7: the current task, whose members can be loaded; r2: the address of its process's byte, r1: the byte. */
export function currentTask(asm: EbpfAssembler, { processes, offsets }: EbpfParameters): void {
  asm.call(HELPER.getCurrentTaskBtf);
  asm.moveRegister(7, 0);
  asm.load('word', 1, 7, offsets.tgid);
  byteOf(asm, 2, processes, 1);
  asm.load('byte', 1, 2, 0);
}

/** r2: the address of the byte of the current thread r7. */
export function currentThread(asm: EbpfAssembler, entered: number, { pid }: TaskOffsets): void {
  asm.load('word', 1, 7, pid);
  byteOf(asm, 2, entered, 1);
}

/** Copies kernel memory at the address in `from` to the stack. */
export function read(asm: EbpfAssembler, to: number, from: Register, bytes: number): void {
  address(asm, 1, to);
  asm.move(2, bytes);
  asm.moveRegister(3, from);
  asm.call(HELPER.probeReadKernel);
}

/** The verifier does not let a pointer be shifted; its negative is no pointer any more. */
export function asNumber(asm: EbpfAssembler, pointer: Register): void {
  asm.negate(pointer);
  asm.negate(pointer);
}

/** r2: the address of the place of the task whose registers are at the address in `registers`; r1: what stands there. */
export function placeOf(asm: EbpfAssembler, tasks: number, registers: Register): void {
  asm.moveRegister(1, registers);
  asm.shiftRight(1, STACK_BITS);
  asm.and(1, TASK_PLACES - 1);
  asm.shiftLeft(1, 3);
  asm.loadMapValue(2, tasks);
  asm.addRegister(2, 1);
  asm.load('double', 1, 2, 0);
}

/** Puts the task with `registers` at its place. `done` is a label. */
export function putTask(asm: EbpfAssembler, tasks: number, registers: Register, done: string): void {
  placeOf(asm, tasks, registers);
  asm.jumpIfSame(1, registers, done);
  asm.moveRegister(3, registers);
  asm.jumpIf('equal', 1, 0, `${done}, alone`);
  asm.move(3, SHARED);
  asm.label(`${done}, alone`);
  asm.store('double', 2, 0, 3);
  asm.label(done);
}

/** `stack`: the address where a stack starts; becomes that of the registers on it. */
export function registersOn(asm: EbpfAssembler, tasks: number, stack: Register): void {
  asm.loadMapValue(1, tasks);
  asm.load('double', 1, 1, REGISTERS_DISTANCE);
  asm.addRegister(stack, 1);
}

import { type EbpfAssembler, ebpfAssembler } from './ebpfAssembler.js';
import { countCall } from './ebpfCount.js';
import {
  type EbpfParameters,
  FRAME,
  PRCTL,
  REGISTERS_DISTANCE,
  REGS,
  SCRATCH,
  SHARED,
  type TaskOffsets,
  TS_COMPAT,
} from './ebpfLayout.js';
import { asNumber, currentTask, currentThread, placeOf, putTask, read } from './ebpfTasks.js';

/**
 * Arguments of the tracepoint: the registers, the call's number. Each call of every process comes by here, so that it
 * is the number of helpers that counts: there is none on the way of most calls.
 */
export function callEntryProgram(parameters: EbpfParameters): Uint8Array {
  const { tasks, entered, cookie, offsets } = parameters;
  const asm = ebpfAssembler();
  asm.load('double', 8, 1, 8); // number
  asm.load('double', 6, 1, 0); // registers
  asm.moveRegister(7, 6);
  asNumber(asm, 7);
  placeOf(asm, tasks, 7);
  asm.jumpIfSame(1, 7, 'command');
  asm.jumpIf('unequal', 1, SHARED, 'others');
  currentTask(asm, parameters);
  asm.jumpIf('unequal', 1, 0, 'command');
  asm.jump('end');

  asm.label('command');
  const enter = (map: number): void => {
    currentTask(asm, parameters);
    currentThread(asm, map, offsets);
    asm.storeValue('byte', 2, 0, 1);
  };
  if (entered !== undefined) enter(entered);
  // syscall(2) leaves the address of the next instruction in rcx, the flags in r11: then it is a native call.
  asm.move(9, 0);
  asm.load('double', 1, 6, REGS.cx);
  asm.load('double', 2, 6, REGS.ip);
  asm.jumpUnlessSame(1, 2, 'any');
  asm.load('double', 1, 6, REGS.r11);
  asm.load('double', 2, 6, REGS.flags);
  asm.jumpIfSame(1, 2, 'counting');
  asm.label('any');
  currentTask(asm, parameters);
  compat(asm, offsets);
  asm.label('counting');
  countCall(asm, parameters);

  // Not of the command, but it may be the launcher that is about to become it.
  asm.label('others');
  asm.jumpIf('unequal', 8, PRCTL, 'end');
  [REGS.si, REGS.dx, REGS.r10].forEach((register, index) => {
    asm.load('double', 1, 6, register);
    asm.jumpUnlessWord(1, cookie[index] ?? 0, 'end');
  });
  asm.moveRegister(9, 7);
  currentTask(asm, parameters);
  asm.storeValue('byte', 2, 0, 1);
  asm.moveRegister(1, 9);
  asm.load('double', 2, 7, offsets.stack);
  asm.negate(2);
  asm.addRegister(1, 2);
  asm.loadMapValue(2, tasks);
  asm.store('double', 2, REGISTERS_DISTANCE, 1);
  putTask(asm, tasks, 9, 'put');
  if (entered !== undefined) enter(entered);
  asm.label('end');
  asm.end();
  return asm.finish();
}

/** r9: not 0 when the task r7 is in a 32-bit call. */
export function compat(asm: EbpfAssembler, { status }: TaskOffsets): void {
  asm.load('word', 9, 7, status);
  asm.and(9, TS_COMPAT);
}

/**
 * A seccomp filter that denies a call is asked before sys_enter (kernel/entry: syscall_trace_enter), so that a denied
 * call shows as an exit without an entry.
 */
export function callExitProgram(parameters: EbpfParameters, entered: number): Uint8Array {
  const asm = ebpfAssembler();
  asm.load('double', 6, 1, 0); // registers
  currentTask(asm, parameters);
  asm.jumpIf('equal', 1, 0, 'end');
  currentThread(asm, entered, parameters.offsets);
  asm.load('byte', 1, 2, 0);
  asm.storeValue('byte', 2, 0, 0);
  asm.jumpIf('unequal', 1, 0, 'end');
  asm.moveRegister(9, 6);
  asm.add(9, REGS.originalAx);
  read(asm, SCRATCH, 9, 8);
  asm.load('double', 8, FRAME, SCRATCH);
  // There was no call, or rt_sigreturn has taken its number away.
  asm.jumpIf('equal', 8, -1, 'end');
  compat(asm, parameters.offsets);
  countCall(asm, parameters);
  asm.label('end');
  asm.end();
  return asm.finish();
}

import type { TracepointProgram } from './ebpf.js';
import { type EbpfAssembler, ebpfAssembler, type Register, type Size } from './ebpfAssembler.js';

/** Map fds and numbers that the programs are made for. */
export interface EbpfParameters {
  /**
   * For each task of the command the address of its registers, which lie on its kernel stack, at a place that follows
   * from it: {@link TASKS_BYTES}. To find it there takes no helper, whose call would be a fifth of the cost of a call.
   */
  readonly tasks: number;
  /** A byte for each process id up to {@link PROCESS_IDS}: 1 for a process of the command. */
  readonly processes: number;
  /**
   * A byte for each thread id, 1 from a call's entry to its exit. Absent where no filter may deny calls before
   * sys_enter: sys_exit is spared then, half of the cost.
   */
  readonly entered: number | undefined;
  /** 0 → per processor the {@link CALL_VALUE}s of the numbers below {@link USUAL_NUMBERS}, native, then 32-bit. */
  readonly usual: number;
  /** The others: {@link CALL_KEY_BYTES} → per processor {@link CALL_VALUE}. */
  readonly calls: number;
  /** {@link VALUES_KEY_BYTES}: a call's key and six arguments → count. */
  readonly values: number;
  /** Three 32-bit numbers that the launcher's prctl passes: the command begins after it. */
  readonly cookie: readonly [number, number, number];
  /** The kernel's number of the type of sys_enter's programs. */
  readonly entryType: number;
  readonly offsets: TaskOffsets;
}

/** Byte offsets in the kernel's structures. */
export interface TaskOffsets {
  /** In struct task_struct. */
  readonly pid: number;
  readonly tgid: number;
  readonly signal: number;
  readonly stack: number;
  /** status of its thread_info. */
  readonly status: number;
  /** In struct signal_struct: how many threads of the process live. */
  readonly live: number;
}

/** PID_MAX_LIMIT of 64-bit kernels: ids, as the first namespace counts them, are below. */
export const PROCESS_IDS = 1 << 22;

/** Places for tasks; a stack has 16 KiB at least. Behind them stands how far the registers are from a stack's start. */
const TASK_PLACES = 1 << 16;
const STACK_BITS = 14;
const REGISTERS_DISTANCE = 8 * TASK_PLACES;
export const TASKS_BYTES = REGISTERS_DISTANCE + 8;
/** At a place: more than one task of the command has been there, so that only the process's id tells. */
const SHARED = 1;
/** Number, audit arch. */
export const CALL_KEY_BYTES = 8;
/** Calls with such numbers need no hash; all that there are have one. A per-CPU value may have 32 KiB. */
export const USUAL_NUMBERS = 512;
/** Offsets in the value of a kind of call. */
export const CALL_VALUE = { count: 0, mask: 8, missed: 16, bytes: 24 } as const;
export const VALUES_KEY_BYTES = CALL_KEY_BYTES + 6 * 8;
/** The key whose count is what was lost: an arch that is none. */
export const LOST_KEY = 0xffffffffffffffffn;

/** The tracepoints' programs. */
export function ebpfPrograms(parameters: EbpfParameters): readonly TracepointProgram[] {
  const { entered, entryType } = parameters;
  const raw = (tracepoint: string, program: Uint8Array): TracepointProgram => ({
    tracepoint,
    program,
    typeId: undefined,
  });
  return [
    raw('sched_process_fork', forkProgram(parameters)),
    raw('sched_process_exit', exitProgram(parameters)),
    ...(entered === undefined ? [] : [raw('sys_exit', callExitProgram(parameters, entered))]),
    { tracepoint: 'sys_enter', program: callEntryProgram(parameters), typeId: entryType },
  ];
}

/** include/uapi/linux/bpf.h. The last is of Linux 5.11, and the youngest thing that the programs need. */
const HELPER = {
  mapLookup: 1,
  mapUpdate: 2,
  probeReadKernel: 113,
  getCurrentTaskBtf: 158,
} as const;

/** arch/x86/include/asm/thread_info.h: set while a 32-bit call is served. */
const TS_COMPAT = 2;
export const AUDIT_ARCH_X86_64 = 0xc000003e;
export const AUDIT_ARCH_I386 = 0x40000003;
const PRCTL = 157;

/** struct pt_regs of x86. */
const REGS = {
  r11: 48,
  r10: 56,
  cx: 88,
  dx: 96,
  si: 104,
  originalAx: 120,
  ip: 128,
  flags: 144,
  bytes: 168,
} as const;
const NATIVE_ARGUMENTS = [112, 104, 96, 56, 72, 64];
const COMPAT_ARGUMENTS = [40, 88, 96, 104, 112, 32];

/** Places on the stack, from the frame pointer. */
const SCRATCH = -8;
const CALL_KEY = -16;
const NEW_CALL = CALL_KEY - CALL_VALUE.bytes;
const VALUES_KEY = NEW_CALL - VALUES_KEY_BYTES;
const REGISTERS = VALUES_KEY - REGS.bytes;

const FRAME: Register = 10;

const address = (asm: EbpfAssembler, to: Register, offset: number): void => {
  asm.moveRegister(to, FRAME);
  asm.add(to, offset);
};

function lookup(asm: EbpfAssembler, map: number, key: number): void {
  asm.loadMap(1, map);
  address(asm, 2, key);
  asm.call(HELPER.mapLookup);
}

/** BPF_ANY; r0 is not 0 when the map is full. */
function update(asm: EbpfAssembler, map: number, key: number, value: number): void {
  asm.loadMap(1, map);
  address(asm, 2, key);
  address(asm, 3, value);
  asm.move(4, 0);
  asm.call(HELPER.mapUpdate);
}

/** Addresses the byte of an id in `processes` or `entered`. */
function byteOf(asm: EbpfAssembler, to: Register, map: number, id: Register): void {
  asm.and(id, PROCESS_IDS - 1);
  asm.loadMapValue(to, map);
  asm.addRegister(to, id);
}

/** r7: the current task, whose members can be loaded; r2: the address of its process's byte, r1: the byte. */
function currentTask(asm: EbpfAssembler, { processes, offsets }: EbpfParameters): void {
  asm.call(HELPER.getCurrentTaskBtf);
  asm.moveRegister(7, 0);
  asm.load('word', 1, 7, offsets.tgid);
  byteOf(asm, 2, processes, 1);
  asm.load('byte', 1, 2, 0);
}

/** r2: the address of the byte of the current thread r7. */
function currentThread(asm: EbpfAssembler, entered: number, { pid }: TaskOffsets): void {
  asm.load('word', 1, 7, pid);
  byteOf(asm, 2, entered, 1);
}

/** Copies kernel memory at the address in `from` to the stack. */
function read(asm: EbpfAssembler, to: number, from: Register, bytes: number): void {
  address(asm, 1, to);
  asm.move(2, bytes);
  asm.moveRegister(3, from);
  asm.call(HELPER.probeReadKernel);
}

/** The verifier does not let a pointer be shifted; its negative is no pointer any more. */
function asNumber(asm: EbpfAssembler, pointer: Register): void {
  asm.negate(pointer);
  asm.negate(pointer);
}

/** r2: the address of the place of the task whose registers are at the address in `registers`; r1: what stands there. */
function placeOf(asm: EbpfAssembler, tasks: number, registers: Register): void {
  asm.moveRegister(1, registers);
  asm.shiftRight(1, STACK_BITS);
  asm.and(1, TASK_PLACES - 1);
  asm.shiftLeft(1, 3);
  asm.loadMapValue(2, tasks);
  asm.addRegister(2, 1);
  asm.load('double', 1, 2, 0);
}

/** Puts the task with `registers` at its place. `done` is a label. */
function putTask(asm: EbpfAssembler, tasks: number, registers: Register, done: string): void {
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
function registersOn(asm: EbpfAssembler, tasks: number, stack: Register): void {
  asm.loadMapValue(1, tasks);
  asm.load('double', 1, 1, REGISTERS_DISTANCE);
  asm.addRegister(stack, 1);
}

/** A process of the command has a child, which has not run yet: it belongs to the command too. */
function forkProgram(parameters: EbpfParameters): Uint8Array {
  const { tasks, processes, entered, offsets } = parameters;
  const asm = ebpfAssembler();
  asm.load('double', 6, 1, 8); // child
  currentTask(asm, parameters);
  asm.jumpIf('equal', 1, 0, 'end');
  const member = (offset: number, bytes: 4 | 8): void => {
    asm.moveRegister(9, 6);
    asm.add(9, offset);
    asm.storeValue('double', FRAME, SCRATCH, 0);
    read(asm, SCRATCH, 9, bytes);
    asm.load('double', 9, FRAME, SCRATCH);
  };
  const mark = (map: number, id: number): void => {
    member(id, 4);
    byteOf(asm, 2, map, 9);
    asm.storeValue('byte', 2, 0, 1);
  };
  mark(processes, offsets.tgid);
  // Its first event is the exit of the call that made it.
  if (entered !== undefined) mark(entered, offsets.pid);
  member(offsets.stack, 8);
  registersOn(asm, tasks, 9);
  putTask(asm, tasks, 9, 'put');
  asm.label('end');
  asm.end();
  return asm.finish();
}

/**
 * Stack and id of a task that is gone may be another's soon. Of threads that exit at once, each may find no other alive.
 */
function exitProgram(parameters: EbpfParameters): Uint8Array {
  const { tasks, offsets } = parameters;
  const asm = ebpfAssembler();
  currentTask(asm, parameters);
  asm.moveRegister(6, 2);
  asm.moveRegister(8, 1);
  asm.load('double', 9, 7, offsets.stack);
  asNumber(asm, 9);
  registersOn(asm, tasks, 9);
  placeOf(asm, tasks, 9);
  asm.jumpUnlessSame(1, 9, 'left');
  asm.storeValue('double', 2, 0, 0);
  asm.label('left');
  asm.jumpIf('equal', 8, 0, 'end');
  asm.load('double', 1, 7, offsets.signal);
  asm.load('word', 1, 1, offsets.live);
  asm.jumpIf('unequal', 1, 0, 'end');
  asm.storeValue('byte', 6, 0, 0);
  asm.label('end');
  asm.end();
  return asm.finish();
}

/**
 * Arguments of the tracepoint: the registers, the call's number. Each call of every process comes by here, so that it
 * is the number of helpers that counts: there is none on the way of most calls.
 */
function callEntryProgram(parameters: EbpfParameters): Uint8Array {
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
function compat(asm: EbpfAssembler, { status }: TaskOffsets): void {
  asm.load('word', 9, 7, status);
  asm.and(9, TS_COMPAT);
}

/**
 * A seccomp filter that denies a call is asked before sys_enter (kernel/entry: syscall_trace_enter), so that a denied
 * call shows as an exit without an entry.
 */
function callExitProgram(parameters: EbpfParameters, entered: number): Uint8Array {
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

/** Adds 1 to what was lost. The key is there from the start. */
function countLost(asm: EbpfAssembler, calls: number): void {
  asm.storeValue('double', FRAME, CALL_KEY, -1);
  lookup(asm, calls, CALL_KEY);
  asm.jumpIf('equal', 0, 0, 'end');
  increment(asm, 0, CALL_VALUE.count);
}

/** A plain addition: the values are the processor's own, and a program at a tracepoint is not interrupted by its like. */
function increment(asm: EbpfAssembler, value: Register, offset: number): void {
  asm.load('double', 1, value, offset);
  asm.add(1, 1);
  asm.store('double', value, offset, 1);
}

/** Counts the call r8, a 32-bit one unless r9 is 0, whose registers are at r6, and ends the program. */
function countCall(asm: EbpfAssembler, { usual, calls, values }: EbpfParameters): void {
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
function callKey(asm: EbpfAssembler, native: string): void {
  asm.store('word', FRAME, CALL_KEY, 8);
  asm.storeValue('word', FRAME, CALL_KEY + 4, AUDIT_ARCH_X86_64);
  asm.jumpIf('equal', 9, 0, native);
  asm.storeValue('word', FRAME, CALL_KEY + 4, AUDIT_ARCH_I386);
  asm.label(native);
}

/** The arguments that the mask in r8 has; 0 for the others. */
function copyArguments(asm: EbpfAssembler, size: Size, offsets: readonly number[], name: string): void {
  offsets.forEach((offset, index) => {
    const skip = `${name} ${index}`;
    asm.move(1, 0);
    asm.jumpUnlessBits(8, 1 << index, skip);
    asm.load(size, 1, FRAME, REGISTERS + offset);
    asm.label(skip);
    asm.store('double', FRAME, VALUES_KEY + CALL_KEY_BYTES + 8 * index, 1);
  });
}

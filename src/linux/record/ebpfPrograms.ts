import { type EbpfAssembler, ebpfAssembler, type Register, type Size } from './ebpfAssembler.js';

/** Map fds and numbers that the programs are made for. */
export interface EbpfParameters {
  /** Tasks of the command: address of the task_struct → 1 from a call's entry to its exit, else 0. */
  readonly tasks: number;
  /** 0 → per processor the {@link CALL_VALUE}s of the numbers below {@link USUAL_NUMBERS}, native, then 32-bit. */
  readonly usual: number;
  /** The others: {@link CALL_KEY_BYTES} → per processor {@link CALL_VALUE}. */
  readonly calls: number;
  /** {@link VALUES_KEY_BYTES}: a call's key and six arguments → count. */
  readonly values: number;
  /** Three 32-bit numbers that the launcher's prctl passes: the command begins after it. */
  readonly cookie: readonly [number, number, number];
  /** Offset of status in struct task_struct. */
  readonly taskStatus: number;
}

/** Number, audit arch. */
export const CALL_KEY_BYTES = 8;
/** Calls with such numbers need no hash; all that there are have one. A per-CPU value may have 32 KiB. */
export const USUAL_NUMBERS = 512;
/** Offsets in the value of a kind of call. */
export const CALL_VALUE = { count: 0, mask: 8, missed: 16, bytes: 24 } as const;
export const VALUES_KEY_BYTES = CALL_KEY_BYTES + 6 * 8;
/** The key whose count is what was lost: an arch that is none. */
export const LOST_KEY = 0xffffffffffffffffn;

/**
 * The raw tracepoints, each with its program.
 *
 * @param filtered whether a filter may deny calls before sys_enter; without one sys_exit is spared, half of the cost
 */
export function ebpfPrograms(
  parameters: EbpfParameters,
  filtered: boolean,
): readonly (readonly [string, Uint8Array])[] {
  return [
    ['sched_process_fork', forkProgram(parameters)],
    ['sched_process_exit', exitProgram(parameters)],
    ...(filtered ? [['sys_exit', callExitProgram(parameters)] as const] : []),
    ['sys_enter', callEntryProgram(parameters)],
  ];
}

/** include/uapi/linux/bpf.h. */
const HELPER = {
  mapLookup: 1,
  mapUpdate: 2,
  mapDelete: 3,
  getCurrentTask: 35,
  probeReadKernel: 113,
} as const;

/** arch/x86/include/asm/thread_info.h: set while a 32-bit call is served. */
const TS_COMPAT = 2;
export const AUDIT_ARCH_X86_64 = 0xc000003e;
export const AUDIT_ARCH_I386 = 0x40000003;
const PRCTL = 157;

/** struct pt_regs of x86. */
const REGS = { r10: 56, dx: 96, si: 104, originalAx: 120, bytes: 168 } as const;
const NATIVE_ARGUMENTS = [112, 104, 96, 56, 72, 64];
const COMPAT_ARGUMENTS = [40, 88, 96, 104, 112, 32];

/** Places on the stack, from the frame pointer. */
const TASK_KEY = -8;
const SCRATCH = -16;
const CALL_KEY = -24;
const STATUS = -32;
const NEW_CALL = STATUS - CALL_VALUE.bytes;
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

/** Looks the current task up: r0 is its state, or 0 when it is not of the command. */
function lookupCurrent(asm: EbpfAssembler, tasks: number): void {
  asm.call(HELPER.getCurrentTask);
  asm.store('double', FRAME, TASK_KEY, 0);
  lookup(asm, tasks, TASK_KEY);
}

/** Copies kernel memory at the address in `from` to the stack. */
function read(asm: EbpfAssembler, to: number, from: Register, bytes: number): void {
  address(asm, 1, to);
  asm.move(2, bytes);
  asm.moveRegister(3, from);
  asm.call(HELPER.probeReadKernel);
}

/** A task of the command has a child, which has not run yet: it belongs to the command too. */
function forkProgram({ tasks, calls }: EbpfParameters): Uint8Array {
  const asm = ebpfAssembler();
  asm.load('double', 6, 1, 8); // child
  lookupCurrent(asm, tasks);
  asm.jumpIf('equal', 0, 0, 'end');
  asm.store('double', FRAME, TASK_KEY, 6);
  // Its first event is the exit of the call that made it.
  asm.storeValue('double', FRAME, SCRATCH, 1);
  update(asm, tasks, TASK_KEY, SCRATCH);
  asm.jumpIf('equal', 0, 0, 'end');
  countLost(asm, calls);
  asm.label('end');
  asm.end();
  return asm.finish();
}

/** The address of a task that is gone may be another's soon. */
function exitProgram({ tasks }: EbpfParameters): Uint8Array {
  const asm = ebpfAssembler();
  asm.load('double', 6, 1, 0); // task
  asm.store('double', FRAME, TASK_KEY, 6);
  asm.loadMap(1, tasks);
  address(asm, 2, TASK_KEY);
  asm.call(HELPER.mapDelete);
  asm.end();
  return asm.finish();
}

/** Arguments of the tracepoint: the registers, the call's number. */
function callEntryProgram(parameters: EbpfParameters): Uint8Array {
  const { tasks, cookie } = parameters;
  const asm = ebpfAssembler();
  asm.load('double', 7, 1, 0); // registers
  asm.load('double', 8, 1, 8); // number
  lookupCurrent(asm, tasks);
  asm.jumpIf('equal', 0, 0, 'others');
  asm.storeValue('double', 0, 0, 1);
  countCall(asm, parameters);

  // Not of the command, but it may be the launcher that is about to become it.
  asm.label('others');
  asm.jumpIf('unequal', 8, PRCTL, 'end');
  read(asm, REGISTERS, 7, REGS.bytes);
  [REGS.si, REGS.dx, REGS.r10].forEach((register, index) => {
    asm.load('double', 1, FRAME, REGISTERS + register);
    asm.jumpUnlessWord(1, cookie[index] ?? 0, 'end');
  });
  asm.storeValue('double', FRAME, SCRATCH, 1);
  update(asm, tasks, TASK_KEY, SCRATCH);
  asm.label('end');
  asm.end();
  return asm.finish();
}

/**
 * A seccomp filter that denies a call is asked before sys_enter (kernel/entry: syscall_trace_enter), so that a denied
 * call shows as an exit without an entry.
 */
function callExitProgram(parameters: EbpfParameters): Uint8Array {
  const asm = ebpfAssembler();
  asm.load('double', 7, 1, 0); // registers
  lookupCurrent(asm, parameters.tasks);
  asm.jumpIf('equal', 0, 0, 'end');
  asm.load('double', 1, 0, 0);
  asm.storeValue('double', 0, 0, 0);
  asm.jumpIf('unequal', 1, 0, 'end');
  asm.moveRegister(9, 7);
  asm.add(9, REGS.originalAx);
  read(asm, SCRATCH, 9, 8);
  asm.load('double', 8, FRAME, SCRATCH);
  // There was no call, or rt_sigreturn has taken its number away.
  asm.jumpIf('equal', 8, -1, 'end');
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

function increment(asm: EbpfAssembler, value: Register, offset: number): void {
  asm.move(1, 1);
  asm.atomicAdd(value, offset, 1);
}

/** Counts the call r8 whose registers are at r7, and ends the program. */
function countCall(asm: EbpfAssembler, { usual, calls, values, taskStatus }: EbpfParameters): void {
  asm.load('double', 9, FRAME, TASK_KEY);
  asm.add(9, taskStatus);
  asm.storeValue('double', FRAME, STATUS, 0);
  read(asm, STATUS, 9, 4);
  asm.load('word', 9, FRAME, STATUS);
  asm.and(9, TS_COMPAT);
  asm.store('word', FRAME, CALL_KEY, 8);
  asm.storeValue('word', FRAME, CALL_KEY + 4, AUDIT_ARCH_X86_64);
  asm.jumpIf('equal', 9, 0, 'native');
  asm.storeValue('word', FRAME, CALL_KEY + 4, AUDIT_ARCH_I386);
  asm.label('native');
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
  asm.moveRegister(6, 0);
  increment(asm, 6, CALL_VALUE.count);
  asm.load('double', 8, 6, CALL_VALUE.mask);
  asm.jumpIf('equal', 8, 0, 'counted');
  read(asm, REGISTERS, 7, REGS.bytes);
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
  increment(asm, 0, 0);
  asm.jump('counted');
  asm.label('new values');
  asm.storeValue('double', FRAME, SCRATCH, 1);
  update(asm, values, VALUES_KEY, SCRATCH);
  asm.jumpIf('equal', 0, 0, 'counted');
  increment(asm, 6, CALL_VALUE.missed);
  asm.label('counted');
  asm.end();
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

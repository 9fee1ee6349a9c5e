import type { Register } from './ebpfAssembler.js';

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
export const TASK_PLACES = 1 << 16;
export const STACK_BITS = 14;
export const REGISTERS_DISTANCE = 8 * TASK_PLACES;
export const TASKS_BYTES = REGISTERS_DISTANCE + 8;
/** At a place: more than one task of the command has been there, so that only the process's id tells. */
export const SHARED = 1;
/** Number, audit arch. */
export const CALL_KEY_BYTES = 8;
/** Calls with such numbers need no hash; all that there are have one. A per-CPU value may have 32 KiB. */
export const USUAL_NUMBERS = 512;
/** Offsets in the value of a kind of call. */
export const CALL_VALUE = { count: 0, mask: 8, missed: 16, bytes: 24 } as const;
export const VALUES_KEY_BYTES = CALL_KEY_BYTES + 6 * 8;
/** The key whose count is what was lost: an arch that is none. */
export const LOST_KEY = 0xffffffffffffffffn;

/** include/uapi/linux/bpf.h. The last is of Linux 5.11, and the youngest thing that the programs need. */
export const HELPER = {
  mapLookup: 1,
  mapUpdate: 2,
  probeReadKernel: 113,
  getCurrentTaskBtf: 158,
} as const;

/** arch/x86/include/asm/thread_info.h: set while a 32-bit call is served. */
export const TS_COMPAT = 2;
export const AUDIT_ARCH_X86_64 = 0xc000003e;
export const AUDIT_ARCH_I386 = 0x40000003;
export const PRCTL = 157;

/** struct pt_regs of x86. */
export const REGS = {
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
export const NATIVE_ARGUMENTS = [112, 104, 96, 56, 72, 64];
export const COMPAT_ARGUMENTS = [40, 88, 96, 104, 112, 32];

/** Places on the stack, from the frame pointer. */
export const SCRATCH = -8;
export const CALL_KEY = -16;
export const NEW_CALL = CALL_KEY - CALL_VALUE.bytes;
export const VALUES_KEY = NEW_CALL - VALUES_KEY_BYTES;
export const REGISTERS = VALUES_KEY - REGS.bytes;

export const FRAME: Register = 10;

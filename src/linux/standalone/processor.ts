/**
 * Registers by what they hold. All have 64 bits; `a0`…`a4` are a system call's arguments and may be used as others
 * between calls, `result` is what the last one gave.
 */
export type Register =
  | 'stack'
  | 'argv'
  | 'envp'
  | 'command'
  | 'source'
  | 'target'
  | 'errno'
  | 'byte'
  | 'a0'
  | 'a1'
  | 'a2'
  | 'a3'
  | 'a4'
  | 'result';

export type Call = 'prctl' | 'seccomp' | 'execve' | 'write' | 'exit_group' | 'exit';

/** Unsigned. */
export type Condition = 'equal' | 'unequal' | 'below';

/** The few instructions that a standalone launcher is written in, for one processor. */
export interface Processor {
  readonly name: 'x86_64' | 'aarch64' | 'riscv64';
  /** e_machine of the ELF header. */
  readonly elfMachine: number;
  readonly writer: () => Writer;
}

export interface Writer {
  /** Makes `stack` hold the stack pointer. */
  readonly enter: () => void;
  readonly label: (name: string) => void;
  /** A constant of 32 bits, unsigned. */
  readonly set: (to: Register, value: number) => void;
  readonly copy: (to: Register, from: Register) => void;
  readonly add: (to: Register, value: Register) => void;
  /** Between -4095 and 4095. */
  readonly addConstant: (to: Register, value: number) => void;
  readonly negate: (register: Register) => void;
  /** `offset` is at most 100. */
  readonly load: (to: Register, address: Register, offset: number, bytes: 1 | 8) => void;
  readonly storeByte: (value: Register, address: Register) => void;
  readonly branch: (condition: Condition, left: Register, right: Register | number, target: string) => void;
  readonly jump: (target: string) => void;
  readonly call: (call: Call) => void;
  /** Ends the process where even exit is denied. */
  readonly trap: () => void;
  readonly finish: () => Uint8Array;
}

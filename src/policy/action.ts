/** What the kernel does with one call; `errno`/`data` is the low half of the filter's return value (0..65535). */
export type Action =
  | { readonly kind: 'allow' }
  | { readonly kind: 'log' }
  | { readonly kind: 'trace'; readonly data: number }
  | { readonly kind: 'notify' }
  | { readonly kind: 'errno'; readonly errno: number }
  | { readonly kind: 'trap'; readonly data: number }
  | { readonly kind: 'kill_thread' }
  | { readonly kind: 'kill_process' };

const FULL = 0xffff0000;
const DATA = 0x0000ffff;

/** SECCOMP_RET_* of include/uapi/linux/seccomp.h. */
export const RET = {
  kill_process: 0x80000000,
  kill_thread: 0x00000000,
  trap: 0x00030000,
  errno: 0x00050000,
  notify: 0x7fc00000,
  trace: 0x7ff00000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
} as const satisfies Record<Action['kind'], number>;

/** The 32-bit value that a filter returns for this action (unsigned). */
export function toReturnValue(action: Action): number {
  switch (action.kind) {
    case 'errno':
      return (RET.errno | (action.errno & DATA)) >>> 0;
    case 'trace':
    case 'trap':
      return (RET[action.kind] | (action.data & DATA)) >>> 0;
    case 'allow':
    case 'log':
    case 'notify':
    case 'kill_thread':
    case 'kill_process':
      return RET[action.kind];
  }
}

/** The action of a filter's return value. The kernel takes an action it does not know for KILL_PROCESS (kernel/seccomp.c). */
export function fromReturnValue(value: number): Action {
  const data = value & DATA;
  switch ((value & FULL) >>> 0) {
    case RET.allow:
      return { kind: 'allow' };
    case RET.log:
      return { kind: 'log' };
    case RET.trace:
      return { kind: 'trace', data };
    case RET.notify:
      return { kind: 'notify' };
    case RET.errno:
      return { kind: 'errno', errno: data };
    case RET.trap:
      return { kind: 'trap', data };
    case RET.kill_thread:
      return { kind: 'kill_thread' };
    default:
      return { kind: 'kill_process' };
  }
}

export function sameAction(a: Action, b: Action): boolean {
  return toReturnValue(a) === toReturnValue(b);
}

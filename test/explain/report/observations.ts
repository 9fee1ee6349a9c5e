import type { ObservedDenial } from '../../../src/explain/report/observed.js';
import { syscallNumber } from '../../../src/syscalls/table.js';

export const X86_64 = 0xc000003e;

/** A denied call of x86-64, the first and only one unless said otherwise. */
export function denied(
  syscall: string | number,
  args: readonly bigint[] = [],
  rest: Partial<ObservedDenial> = {},
): ObservedDenial {
  const number = typeof syscall === 'number' ? syscall : syscallNumber(syscall, 'x86_64');
  if (number === undefined) throw new RangeError(`x86-64 has no ${syscall}`);
  const registers = Array.from({ length: 6 }, (_, index) => args[index] ?? 0n);
  const { count = 1, firstPlace = 0 } = rest;
  return {
    auditArch: X86_64,
    number,
    args: registers,
    strings: [],
    pid: 42,
    exe: '/usr/bin/program',
    count,
    firstPlace,
    lastPlace: firstPlace + count - 1,
    ...rest,
  };
}

/** Lifting a filter of libseccomp's linear shape: three ABIs with one comparison for each call, about 1,000 instructions. */

import type { Instruction } from '../src/bpf/instruction.js';
import { lift } from '../src/bpf/lift.js';
import { abi } from '../src/syscalls/abis.js';
import { syscallsOf } from '../src/syscalls/table.js';

const ALLOW = 0x7fff0000;
const DENY = 0x00050001;
const ROUNDS = 50;

/** `if (arch != ARCH) skip; ld nr; jeq N → allow; …; ret deny` for one ABI after the other. */
function linear(names: readonly ('x86_64' | 'x86' | 'aarch64')[]): readonly Instruction[] {
  return names.flatMap((name) => {
    const numbers = syscallsOf(name)
      .filter((_, index) => index % 8 !== 0)
      .map(({ number }) => number);
    const body: Instruction[] = [{ code: 0x20, jt: 0, jf: 0, k: 0 }];
    for (const k of numbers)
      body.push({ code: 0x15, jt: 0, jf: 1, k }, { code: 0x06, jt: 0, jf: 0, k: ALLOW });
    body.push({ code: 0x06, jt: 0, jf: 0, k: DENY });
    return [
      { code: 0x20, jt: 0, jf: 0, k: 4 },
      { code: 0x15, jt: 1, jf: 0, k: abi(name).auditArch },
      { code: 0x05, jt: 0, jf: 0, k: body.length },
      ...body,
    ];
  });
}

for (const names of [['x86_64'], ['x86_64', 'x86'], ['x86_64', 'x86', 'aarch64']] as const) {
  const program = [...linear(names), { code: 0x06, jt: 0, jf: 0, k: 0 }];
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    const result = lift(program);
    if (!result.ok) throw new Error(result.reason);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  console.info(
    `${names.join('+')}: ${program.length} instructions, lifted in ${times[ROUNDS >> 1]?.toFixed(1)} ms (median), ${times.at(-1)?.toFixed(1)} ms (first or worst)`,
  );
}

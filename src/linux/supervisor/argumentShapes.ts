import type { AbiName } from '../../syscalls/abi.js';
import { abi } from '../../syscalls/abis.js';
import { type Argument, signatureOf } from '../../syscalls/signature.js';
import { syscallsOf } from '../../syscalls/table.js';
import type { Machine } from '../machine.js';
import type { ArgumentShape, ArgumentShapes } from './denial.js';

const ABIS: Readonly<Record<Machine['name'], readonly AbiName[]>> = {
  x86_64: ['x86_64', 'x32', 'x86'],
  aarch64: ['aarch64', 'arm'],
  riscv64: ['riscv64'],
};

/** The ABIs whose programs a machine's kernel can run. */
export function machineAbis(machine: Machine['name']): readonly AbiName[] {
  return ABIS[machine];
}

const known = new Map<Machine['name'], ArgumentShapes>();

/** What the arguments of every call are that has one. */
export function argumentShapes(machine: Machine): ArgumentShapes {
  let shapes = known.get(machine.name);
  if (shapes === undefined) {
    shapes = makeShapes(machine);
    known.set(machine.name, shapes);
  }
  return shapes;
}

function makeShapes(machine: Machine): ArgumentShapes {
  const byArch = new Map<number, Map<number, ArgumentShape>>();
  for (const name of machineAbis(machine.name)) {
    const { auditArch } = abi(name);
    const shapes = byArch.get(auditArch) ?? new Map<number, ArgumentShape>();
    byArch.set(auditArch, shapes);
    for (const call of syscallsOf(name)) {
      const signature = signatureOf(call.name, name);
      if (signature !== undefined) shapes.set(call.number, signature.args.map(letter).join(''));
    }
  }
  return byArch;
}

/** Fds, process ids, lengths and 64-bit numbers (addresses mostly) differ from call to call without telling anything. */
function letter({ kind, bits }: Argument): 's' | 'i' | 'l' | 'p' {
  switch (kind) {
    case 'string':
      return 's';
    case 'flags':
      return bits === 64 ? 'l' : 'i';
    case 'int':
    case 'mode':
    case 'id':
      return bits === 64 ? 'p' : 'i';
    case 'fd':
    case 'pid':
    case 'size':
    case 'pointer':
    case 'padding':
      return 'p';
  }
}

import { disassemble, toC, toJson } from '../../bpf/disassemble.js';
import { parseTarget } from '../../engine/target.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../contextFlags.js';
import { addFormat } from '../format.js';
import type { Io } from '../io.js';
import { load, programOf } from '../subject.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'c' | 'json';
}

export const disasmVerb: Verb = {
  name: 'disasm',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'c', 'json'])
      .description('List the filter of a target, instruction by instruction, with what each means.')
      .argument('<target>', 'bpf:FILE, docker@28.5.2, ./profile.json …')
      .addHelpText(
        'after',
        `
Examples:
  callgate disasm bpf:filter.bpf
  callgate disasm docker@28.5.2 | less
`,
      )
      .action(async (target: string, flags: Flags) => {
        await run(target, flags, io);
        exit(0);
      });
  },
};

async function run(word: string, flags: Flags, io: Io): Promise<void> {
  const program = programOf(await load(await resolveTarget(parseTarget(word), flags, io), io));
  switch (flags.format) {
    case 'human':
      return io.out(disassemble(program));
    case 'c':
      return io.out(toC(program));
    case 'json':
      return io.out(`${JSON.stringify(toJson(program), null, 1)}\n`);
  }
}

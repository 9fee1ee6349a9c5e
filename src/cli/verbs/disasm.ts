import { disassemble, toC, toJson } from '../../bpf/disassemble.js';
import type { Program } from '../../bpf/instruction.js';
import { parseTarget } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../context/contextFlags.js';
import { type Loaded, load, programOf } from '../context/subject.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'c' | 'json';
  readonly filter?: string;
}

export const disasmVerb: Verb = {
  name: 'disasm',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'c', 'json'])
      .description('List the filter of a target, instruction by instruction, with what each means.')
      .argument('<target>', 'bpf:FILE, pid:N, container:NAME, docker@28.5.2, ./profile.json …')
      .option('--filter <n>', 'which one of several stacked filters; 1 is the newest')
      .addHelpText(
        'after',
        `
Examples:
  callgate disasm bpf:filter.bpf
  callgate disasm docker@28.5.2 | less
  callgate disasm pid:1234 --filter 2
`,
      )
      .action(async (target: string, flags: Flags) => {
        await run(target, flags, io);
        exit(0);
      });
  },
};

async function run(word: string, flags: Flags, io: Io): Promise<void> {
  const loaded = await load(await resolveTarget(parseTarget(word), flags, io), io);
  if (loaded.stack !== undefined && flags.filter === undefined && flags.format === 'human') {
    const { stack } = loaded;
    for (const [index, each] of stack.entries())
      io.out(
        `${index === 0 ? '' : '\n'}; filter ${index + 1} of ${stack.length}${index === 0 ? ', the newest' : ''}\n${disassemble(each)}`,
      );
    return;
  }
  const program = chosen(loaded, flags.filter);
  switch (flags.format) {
    case 'human':
      return io.out(disassemble(program));
    case 'c':
      return io.out(toC(program));
    case 'json':
      return io.out(`${JSON.stringify(toJson(program), null, 1)}\n`);
  }
}

function chosen(loaded: Loaded, word: string | undefined): Program {
  const programs = loaded.stack ?? [programOf(loaded)];
  if (word === undefined && programs.length > 1) {
    throw new CallgateError('USAGE', `${programs.length} filters are stacked`, {
      hint: 'choose one with --filter N, 1 is the newest; callgate compile makes one of them',
    });
  }
  const program = /^\d{1,5}$/.test(word ?? '1') ? programs[Number(word ?? 1) - 1] : undefined;
  if (program !== undefined) return program;
  throw new CallgateError('USAGE', `there is no filter ${word}`, { expected: `1 to ${programs.length}` });
}

import { disassemble, toC, toJson } from '../../bpf/disassemble.js';
import { encode } from '../../bpf/encode.js';
import type { Program } from '../../bpf/instruction.js';
import { parseTarget } from '../../engine/target.js';
import { filterFlags } from '../../explain/filterFlags.js';
import { loadFlags } from '../../linux/loadFlags.js';
import { standaloneLauncher } from '../../linux/standalone/launcher.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../context/contextFlags.js';
import { type Loaded, load, programOf } from '../context/subject.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly output: string;
  readonly format: 'bpf' | 'asm' | 'c' | 'json' | 'launcher';
}

export const compileVerb: Verb = {
  name: 'compile',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['bpf', 'asm', 'c', 'json', 'launcher'])
      .description(
        'Write the filter of a target as a BPF program; it is read back and proved equal to the policy first.',
      )
      .argument('<target>', 'docker@28.5.2, ./profile.json …')
      .requiredOption('-o, --output <file>', 'where to; - for standard output')
      .addHelpText(
        'after',
        `
Formats: bpf (struct sock_filter[] as seccomp(2) and bwrap --seccomp take it), asm (as bpf_asm reads it), c, json,
launcher (a static executable of a few kilobytes for x86_64, aarch64 or riscv64: \`./sandbox COMMAND ARGUMENT…\` sets
no_new_privs, puts itself under the filter and executes the command; it needs neither Node nor root. Capabilities stay as
they are. Exit: the command's own, 125 no filter could be set, 126 not executable, 127 not found).

Examples:
  callgate compile docker@28.5.2 -o docker.bpf
  callgate compile ./profile.json --arch arm64 --format c -o filter.h
  callgate compile docker@28.5.2 --format launcher -o sandbox && ./sandbox unshare -U true
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
  for (const { text } of loaded.notes) io.err(`callgate: note: ${text}\n`);
  const program = programOf(loaded);
  const { format, output } = flags;
  if (format === 'launcher') io.write(output, launcherOf(loaded, program), 0o777);
  else io.write(output, written(program, format, abiOf(loaded.context.arch).endian));
  if (output !== '-') io.err(`callgate: ${output}: ${program.length} instructions\n`);
}

function launcherOf({ prediction, context }: Loaded, program: Program): Uint8Array {
  const flags = prediction === undefined ? [] : filterFlags(prediction);
  return standaloneLauncher(program, loadFlags(flags), context.arch);
}

function written(
  program: Program,
  format: Exclude<Flags['format'], 'launcher'>,
  endian: 'little' | 'big',
): string | Uint8Array {
  switch (format) {
    case 'bpf':
      return encode(program, endian);
    case 'asm':
      return disassemble(program);
    case 'c':
      return toC(program);
    case 'json':
      return `${JSON.stringify(toJson(program), null, 1)}\n`;
  }
}

import { prepare } from '../../bpf/interpret.js';
import { dataWords } from '../../bpf/seccompData.js';
import { parseTarget } from '../../engine/target.js';
import { verdictOf } from '../../explain/verdict.js';
import { fromReturnValue } from '../../policy/action.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import { parseCallLine } from '../../syscalls/callLine.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../context/contextFlags.js';
import { load, programOf } from '../context/subject.js';
import type { Io } from '../io/io.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly calls: string;
}

export const simulateVerb: Verb = {
  name: 'simulate',
  define: (command, io, exit) => {
    addContextFlags(command)
      .description('Run the compiled filter of a target on concrete calls; one JSON line each.')
      .argument('<target>', 'docker@28.5.2, ./profile.json, bpf:FILE …')
      .requiredOption(
        '--calls <file>',
        'one call a line, "ABI SYSCALL|NUMBER [a0 … a5]"; - for standard input',
      )
      .addHelpText(
        'after',
        `
Numbers are decimal or 0x hexadecimal, missing arguments are 0, # begins a comment.

Examples:
  echo 'x86_64 socket 40 1 0' | callgate simulate docker@28.5.2 --calls -
  callgate simulate bpf:filter.bpf --calls calls.txt
`,
      )
      .action(async (target: string, flags: Flags) => {
        await run(target, flags, io);
        exit(0);
      });
  },
};

/** Output is handed over in pieces of about this many characters. */
const PIECE = 1 << 16;

async function run(word: string, flags: Flags, io: Io): Promise<void> {
  const machine = prepare(programOf(await load(await resolveTarget(parseTarget(word), flags, io), io)));
  const file = flags.calls === '-' ? '<stdin>' : flags.calls;
  const text = new TextDecoder().decode(io.read(flags.calls));
  let output = '';
  for (const [index, line] of text.split('\n').entries()) {
    const call = parseCallLine(line, file, index + 1);
    if (call === undefined) continue;
    const { abi, number, args } = call;
    const { auditArch } = abiOf(abi);
    const action = fromReturnValue(
      machine.run(dataWords({ number, auditArch, instructionPointer: 0n, args })),
    );
    const { errno, data, action: scmp, errnoNumber } = verdictOf(action, abi);
    output += `${JSON.stringify({ abi, number, action: scmp, errno, errnoNumber, data, instructions: machine.executed() })}\n`;
    if (output.length > PIECE) {
      io.out(output);
      output = '';
    }
  }
  io.out(output);
}

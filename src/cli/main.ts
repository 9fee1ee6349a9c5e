import { Command, CommanderError } from 'commander';
import { CallgateError } from '../error.js';
import type { Io } from './io.js';
import { printError } from './printError.js';
import { type NamedVerb, verbs } from './verbs.js';
import { version } from './version.js';

/**
 * The command: parses the words, runs one verb and gives the exit code of cli.md (0 yes, 1 no, 2 usage or input
 * error; `run` and `record`: the command's own).
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let exit = 0;
  const program = new Command('callgate')
    .description(
      'Says exactly what seccomp does to a syscall in a container, and runs any command under that very filter.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'help, with examples')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      getOutHelpWidth: () => Math.min(io.columns, 120),
      outputError: (text, write) => write(text.replace(/^error: /, 'callgate: ')),
    })
    .addHelpText('after', EXAMPLES);
  for (const { load } of wanted(argv[0])) {
    const verb = await load();
    const command = program.command(verb.name).exitOverride();
    command.configureOutput(program.configureOutput());
    verb.define(command, io, (code) => {
      exit = code;
    });
  }
  try {
    if (argv.length === 0) {
      io.err(program.helpInformation() + EXAMPLES);
      return 2;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CallgateError) {
      io.err(printError(error));
      return ['run', 'record'].includes(argv[0] ?? '') && error.code === 'HOST' ? 125 : 2;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

/** A verb that is named needs no other, and the version none; help and suggestions need all. */
function wanted(word: string | undefined): readonly NamedVerb[] {
  if (word === '--version' || word === '-V') return [];
  const named = verbs.filter(({ name }) => name === word);
  return named.length > 0 ? named : verbs;
}

const EXAMPLES = `
Examples:
  callgate why clone3 --engine docker@20.10.9
  callgate why 'socket(AF_VSOCK, SOCK_STREAM, 0)'
  callgate show docker@28.5.2+SYS_ADMIN
  callgate run --like docker@28.5.2 -- unshare -U true
  callgate compile ./profile.json -o profile.bpf
`;

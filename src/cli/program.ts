import { Command } from 'commander';
import { printable } from '../profile/printable.js';
import type { Io } from './io/io.js';
import type { NamedVerb } from './verbs.js';
import { version } from './version.js';

/** What stands under the list of verbs in --help. */
export const EXAMPLES = `
Examples:
  callgate why clone3 --engine docker@20.10.9
  callgate why 'socket(AF_VSOCK, SOCK_STREAM, 0)'
  callgate show docker@28.5.2+SYS_ADMIN
  callgate run --like docker@28.5.2 -- unshare -U true
  callgate compile ./profile.json -o profile.bpf
`;

/**
 * The command with some of its verbs: what parses a command line, and what --help, shell completion and the manual page
 * are made from.
 *
 * @param exit takes the exit code of the verb that was run
 */
export async function createProgram(
  named: readonly NamedVerb[],
  io: Io,
  exit: (code: number) => void,
): Promise<Command> {
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
      getErrHelpWidth: () => Math.min(io.columns, 120),
      outputError: (text, write) => write(printable(text.replace(/^error: /, 'callgate: '))),
    })
    .addHelpText('after', EXAMPLES);
  for (const { load, hidden } of named) {
    const verb = await load();
    const command = program.command(verb.name, { hidden: hidden === true }).exitOverride();
    command.configureOutput(program.configureOutput());
    verb.define(command, io, exit);
  }
  return program;
}

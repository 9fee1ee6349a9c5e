import { CommanderError } from 'commander';
import { asksForCompletion } from './complete/asked.js';
import { failure } from './failure.js';
import type { Io } from './io/io.js';
import { createProgram, EXAMPLES } from './program.js';
import { type NamedVerb, verbs } from './verbs.js';

/**
 * The command: parses the words, runs one verb and gives the exit code of cli.md (0 yes, 1 no, 2 usage or input
 * error; `run` and `record`: the command's own, 125 where this host does not let callgate run it).
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  if (asksForCompletion(argv[0])) {
    const { answerShell } = await import('./complete/answer.js');
    await answerShell(argv, io);
    return 0;
  }
  let exit = 0;
  const program = await createProgram(wanted(argv[0]), io, (code) => {
    exit = code;
  });
  try {
    if (argv.length === 0) {
      io.err(program.helpInformation() + EXAMPLES);
      return 2;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return failure(error, argv[0], io);
  }
}

/** A verb that is named needs no other, and the version none; help and suggestions need all. */
function wanted(word: string | undefined): readonly NamedVerb[] {
  if (word === '--version' || word === '-V') return [];
  const named = verbs.filter(({ name }) => name === word);
  return named.length > 0 ? named : verbs;
}

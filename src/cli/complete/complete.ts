import type { Command, Option } from 'commander';
import { type Candidate, type Candidates, candidatesFor } from './candidates.js';
import { type Position, positionOf } from './position.js';
import { kindOfArgument, kindOfOption, type ValueKind } from './valueKind.js';

/** What the last of the words, which may be empty, can go on to. */
export async function complete(program: Command, words: readonly string[]): Promise<Candidates> {
  const position = positionOf(program, words);
  const word = words.at(-1) ?? '';
  switch (position.kind) {
    case 'subcommand':
      return matching(word, subcommands(position.command));
    case 'flag':
      return matching(word, flags(position));
    case 'value': {
      const { option, prefix } = position;
      const value = word.slice(prefix.length);
      const found = await valuesOf(option.argChoices, kindOfOption(option), value);
      return { ...found, candidates: found.candidates.map((one) => ({ ...one, word: prefix + one.word })) };
    }
    case 'argument': {
      const { argument } = position;
      if (argument === undefined) return { candidates: [] };
      return valuesOf(argument.argChoices, kindOfArgument(argument), word);
    }
    case 'command':
      return { candidates: [], paths: 'file' };
  }
}

function valuesOf(
  choices: readonly string[] | undefined,
  kind: ValueKind | undefined,
  word: string,
): Candidates | Promise<Candidates> {
  if (choices !== undefined)
    return matching(
      word,
      choices.map((choice) => ({ word: choice })),
    );
  return candidatesFor(kind ?? 'free', word);
}

const matching = (word: string, candidates: readonly Candidate[]): Candidates => ({
  candidates: candidates.filter((one) => one.word.startsWith(word)),
});

function subcommands(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ word: one.name(), about: one.description() }));
}

/** Those that --help shows, less those that are there and may not be repeated. */
function flags({ command, used }: Extract<Position, { readonly kind: 'flag' }>): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => repeats(option) || ![...used].some(({ long }) => long === option.long))
    .flatMap(({ long, description }) => (long == null ? [] : [{ word: long, about: description }]));
}

/** Those that collect have a parser of their own; choices have one of commander's. */
const repeats = ({ variadic, parseArg, argChoices }: Option): boolean =>
  variadic || (parseArg !== undefined && argChoices === undefined);

import type { Argument, Command, Option } from 'commander';

/** What is being written at the end of a command line. */
export type Position =
  | { readonly kind: 'subcommand'; readonly command: Command }
  | { readonly kind: 'flag'; readonly command: Command; readonly used: ReadonlySet<Option> }
  /** `prefix` is what stands before the value in the same word: `--engine=`. */
  | { readonly kind: 'value'; readonly command: Command; readonly option: Option; readonly prefix: string }
  | { readonly kind: 'argument'; readonly command: Command; readonly argument: Argument | undefined }
  /** The command that `run` starts, and what it is given. */
  | { readonly kind: 'command' };

/** Finds out what the last of the words is, as commander would read the words before it. */
export function positionOf(program: Command, words: readonly string[]): Position {
  const current = words.at(-1) ?? '';
  const used = new Set<Option>();
  let command = program;
  let count = 0;
  let pending: Option | undefined;
  for (const [index, word] of words.slice(0, -1).entries()) {
    if (pending !== undefined) {
      pending = undefined;
      continue;
    }
    if (word === '--') return afterDashes(command, count, words.length - index - 2);
    if (word.startsWith('-') && word !== '-') {
      const option = optionOf(command, word);
      if (option !== undefined) used.add(option);
      if (option?.required === true && !carriesValue(word, option)) pending = option;
      continue;
    }
    const next = count === 0 ? command.commands.find((one) => one.name() === word) : undefined;
    if (next !== undefined) {
      command = next;
      continue;
    }
    count++;
    if (startsCommand(command)) return { kind: 'command' };
  }
  if (pending !== undefined) return { kind: 'value', command, option: pending, prefix: '' };
  const equals = current.indexOf('=');
  if (current.startsWith('--') && equals > 0) {
    const option = optionOf(command, current);
    if (option !== undefined) return { kind: 'value', command, option, prefix: current.slice(0, equals + 1) };
  }
  if (current.startsWith('-')) return { kind: 'flag', command, used };
  if (command.commands.length > 0 && count === 0) return { kind: 'subcommand', command };
  if (startsCommand(command)) return { kind: 'command' };
  return { kind: 'argument', command, argument: argumentAt(command, count) };
}

function afterDashes(command: Command, before: number, after: number): Position {
  if (startsCommand(command)) return { kind: 'command' };
  return { kind: 'argument', command, argument: argumentAt(command, before + after) };
}

/** `run` and `record` hand all that follows to a command of the user's. */
const startsCommand = ({ registeredArguments: [first] }: Command): boolean => first?.name() === 'command';

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
}

function optionOf(command: Command, word: string): Option | undefined {
  const name = word.startsWith('--') ? (word.split('=')[0] ?? '') : word.slice(0, 2);
  return command.options.find(({ long, short }) => long === name || short === name);
}

/** `--engine=docker`, `-oprofile.json`. */
function carriesValue(word: string, { short }: Option): boolean {
  return word.startsWith('--') ? word.includes('=') : short !== undefined && word.length > short.length;
}

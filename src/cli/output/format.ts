import { type Command, Option } from 'commander';

/** Adds `--format`; the first choice is the default. */
export function addFormat(command: Command, choices: readonly [string, ...string[]]): Command {
  return command.addOption(
    new Option('--format <format>', 'of the output').choices([...choices]).default(choices[0]),
  );
}

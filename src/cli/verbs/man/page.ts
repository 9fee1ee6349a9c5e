import type { Command, Help, Option } from 'commander';
import { version } from '../../version.js';

/** The manual page callgate(1) in man(7), made from the definitions that --help is made from. */
export function manPage(program: Command): string {
  const help = program.createHelp();
  const verbs = shown(program, help);
  const common = commonOptions(verbs, help);
  return [
    `.TH CALLGATE 1 "" ${quoted(`callgate ${version}`)} "User Commands"`,
    '.SH NAME',
    `callgate \\- ${roff(firstLower(program.description()).replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    '.B callgate',
    '.I VERB',
    '[\\fIOBJECT\\fR ...] [\\fIflags\\fR] [\\-\\- \\fICOMMAND\\fR ...]',
    '.SH OPTIONS',
    ...tags(help.visibleOptions(program), help),
    '.SH VERBS',
    ...verbs.flatMap((verb) => section(verb, verb.name(), { help, common })),
    '.SH CONTEXT FLAGS',
    'Verbs that predict or run take these; they say which container is meant.',
    ...tags([...common.values()], help),
    '.SH EXAMPLES',
    ...verbatim(afterHelp(program).replace(/^\s*Examples:\n/, '')),
    '',
  ].join('\n');
}

interface Page {
  readonly help: Help;
  /** By what --help says of them. */
  readonly common: ReadonlyMap<string, Option>;
}

/** One verb with its subcommands. */
function section(command: Command, name: string, page: Page): readonly string[] {
  const { help, common } = page;
  const after = afterHelp(command);
  const all = help.visibleOptions(command).filter(({ long }) => long !== '--help');
  const own = all.filter((option) => !common.has(identity(option)));
  return [
    `.SS ${quoted(name)}`,
    roff(command.description()),
    '.PP',
    `\\fBcallgate ${roff(name)}\\fR ${roff(command.usage())}`,
    ...help
      .visibleArguments(command)
      .flatMap((argument) => tagged(help.argumentTerm(argument), argument.description)),
    ...tags(own, help),
    ...(own.length === all.length ? [] : ['.PP', 'And the context flags below.']),
    ...(after === '' ? [] : ['.PP', ...verbatim(after)]),
    ...shown(command, help).flatMap((one) => section(one, `${name} ${one.name()}`, page)),
  ];
}

const shown = (command: Command, help: Help): readonly Command[] =>
  help.visibleCommands(command).filter((one) => one.name() !== 'help');

const identity = ({ flags, description }: Option): string => `${flags} ${description}`;

/** Flags that most verbs have in the same words are told once. */
function commonOptions(verbs: readonly Command[], help: Help): ReadonlyMap<string, Option> {
  const seen = new Map<string, { readonly option: Option; count: number }>();
  for (const option of verbs.flatMap((verb) => help.visibleOptions(verb))) {
    const known = seen.get(identity(option)) ?? { option, count: 0 };
    known.count++;
    seen.set(identity(option), known);
  }
  const common = [...seen].filter(
    ([, { option, count }]) => option.long !== '--help' && count > verbs.length / 2,
  );
  return new Map(common.map(([key, { option }]) => [key, option]));
}

const tags = (options: readonly Option[], help: Help): readonly string[] =>
  options.flatMap((option) => tagged(help.optionTerm(option), help.optionDescription(option)));

function tagged(term: string, text: string): readonly string[] {
  return ['.TP', `.B ${roff(term)}`, roff(text)];
}

/** What addHelpText added, which commander says only while it prints. */
function afterHelp(command: Command): string {
  let text = '';
  const output = command.configureOutput();
  command.configureOutput({
    ...output,
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  command.configureOutput(output);
  return text.slice(command.helpInformation().length).trim();
}

function verbatim(text: string): readonly string[] {
  return [
    '.nf',
    ...text
      .replace(/^\n+|\s+$/g, '')
      .split('\n')
      .map(roff),
    '.fi',
  ];
}

/** A dot or quote in front would be a request; a plain hyphen may be set as another character. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '...')
    .replaceAll('"', '\\(dq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga')
    .replace(/^\./, '\\&.');
}

const quoted = (text: string): string => `"${roff(text)}"`;

const firstLower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

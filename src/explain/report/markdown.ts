import { quoted } from '../denial.js';
import { endingWords } from './impact.js';
import { MOST_CAUSES, type Report, type WeighedCause } from './report.js';
import {
  countWords,
  folded,
  matterWords,
  remedyWords,
  shownKinds,
  times,
  titleOf,
  whoWords,
} from './words.js';

/** A report to paste into an issue. Whatever a program could have chosen stands in code spans. */
export function reportAsMarkdown(report: Report): string {
  const { command, ending, causes, notes, unlisted } = report;
  const [shown, more] = folded(causes, MOST_CAUSES, 'cause');
  const ended = ending === undefined ? '' : `; the command ${endingWords(ending)}`;
  const blocks = [
    `### ${countWords(report)}${ended}`,
    ...(command.length === 0 ? [] : [`Command: ${code(command.map(shellWord).join(' '))}`]),
    ...shown.map(section),
    ...(more === undefined ? [] : [`${more}; \`--report FILE\` has them all`]),
    ...(unlisted === 0 ? [] : [`${unlisted} more denied calls were of too many kinds to list.`]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${prose(note)}`).join('\n')]),
    report.context.map(([name, value]) => `- ${name}: ${prose(value)}`).join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function section(cause: WeighedCause): string {
  const [kinds, more] = shownKinds(cause);
  const [remedy, ...price] = remedyWords(cause);
  const patch = cause.remedy?.patch;
  const lines = [
    `#### ${code(titleOf(cause))}, ${times(cause.count)}`,
    '',
    ...kinds.map((kind) => `- ${code(kind.text)} ${times(kind.count)} by ${code(whoWords(kind))}`),
    ...(more === undefined ? [] : [`- ${more}`]),
    ...(cause.rule === undefined ? [] : [`- **Rule:** ${prose(cause.rule.text)}`]),
    `- **Does it matter:** ${prose(matterWords(cause))}`,
    ...(remedy === undefined
      ? []
      : [`- **Remedy:** ${prose(remedy)}`, ...price.map((text) => `  - ${prose(text)}`)]),
  ];
  return [...lines, ...(patch === undefined ? [] : ['', fenced(patch)])].join('\n');
}

const PLAIN = /^(?:[\p{L}\p{N} .,;:()/[\]’'+%=_~<>!&|→≥…·-]|(?<=\w)@)*$/u;

/** Our own words, in which a file's name may stand: what is not plain goes into a code span. */
function prose(text: string): string {
  return PLAIN.test(text) ? text.replace(/[[\]*~<>!&]|(?<!\w)_|_(?!\w)/g, '\\$&') : code(text);
}

/** A code span that its text cannot leave (CommonMark 6.1): a longer row of backticks than any inside. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const rows = line.match(/`+/g) ?? [];
  const ticks = '`'.repeat(Math.max(0, ...rows.map((row) => row.length)) + 1);
  const padded = /^`|`$|^ .* $/.test(line) ? ` ${line} ` : line;
  return `${ticks}${padded}${ticks}`;
}

function fenced(text: string): string {
  const rows = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(2, ...rows.map((row) => row.length)) + 1);
  return `${fence}json\n${text}\n${fence}`;
}

/** A word of a command line; what a shell could take otherwise, or a reader not see, is quoted. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word);
}

import { endingWords } from '../explain/report/impact.js';
import { MOST_CAUSES, type Report, type WeighedCause } from '../explain/report/report.js';
import {
  behindWords,
  countWords,
  folded,
  matterWords,
  remedyWords,
  shownKinds,
  times,
  titleOf,
  whoWords,
} from '../explain/report/words.js';
import type { Io } from './io/io.js';
import { paint, wrap } from './output/paint.js';

/** A report for a person, on one screen; nothing where nothing was denied. */
export function runText(report: Report, io: Io): string {
  if (report.total === 0) return '';
  const colours = paint(io);
  const { command, ending, causes, unlisted } = report;
  const [shown, more] = folded(causes, MOST_CAUSES, 'cause');
  const name = command[0]?.split('/').at(-1) ?? 'the command';
  const ended =
    ending === undefined ? '' : `; ${/^[\w.+-]+$/.test(name) ? name : 'the command'} ${endingWords(ending)}`;
  const lines = [`callgate: ${colours.bold(countWords(report))}${ended}`];
  for (const cause of shown) lines.push(...causeLines(cause, io));
  if (more !== undefined) lines.push(`  ${more}, --report FILE has them all`);
  if (unlisted > 0) lines.push(`  ${unlisted} more denied calls were of too many kinds to list`);
  return `${lines.join('\n')}\n`;
}

const WIDTH = 9;
const INDENT = ' '.repeat(WIDTH + 4);

/** No text of a program's choosing is wrapped: a line that it could begin might be a command to whoever reads the log. */
function causeLines(cause: WeighedCause, io: Io): readonly string[] {
  const colours = paint(io);
  const [kinds, more] = shownKinds(cause);
  const [first] = kinds;
  const verdict = titleOf(cause).split(' → ').at(-1) ?? '';
  const told = first === undefined || cause.kinds.length > 1 ? titleOf(cause) : `${first.text} → ${verdict}`;
  const who = first === undefined || cause.kinds.length > 1 ? '' : `  ${colours.dim(whoWords(first))}`;
  const row = (name: string, text: string): string =>
    `    ${colours.cyan(name.padEnd(WIDTH))}${wrap(text, io.columns, INDENT)}`;
  const [remedy, ...price] = remedyWords(cause);
  const behind = behindWords(cause);
  return [
    `  ${colours.red('✗')} ${colours.bold(told)}  ${times(cause.count)}${who}`,
    ...(cause.kinds.length > 1
      ? kinds.map((kind) => kindLine(kind.text, kind.count, whoWords(kind), io))
      : []),
    ...(more === undefined ? [] : [`      ${more}, --report FILE has them all`]),
    ...(cause.rule === undefined ? [] : [row('rule', cause.rule.text)]),
    row('matters', matterWords(cause)),
    ...(behind === undefined ? [] : [row('then', behind)]),
    ...(remedy === undefined ? [] : [row('remedy', remedy)]),
    ...patchLines(cause).map((line) => `${INDENT}${colours.cyan(line)}`),
    ...price.map((text) => `${INDENT}${wrap(text, io.columns, INDENT)}`),
  ];
}

function kindLine(text: string, count: number, who: string, io: Io): string {
  return `      ${text}  ${times(count)}  ${paint(io).dim(who)}`;
}

/** Rules that one line each says. */
const MOST_RULES = 4;

function patchLines({ remedy }: WeighedCause): readonly string[] {
  if (remedy?.patch === undefined) return [];
  const [lines, more] = folded(remedy.patch.split('\n'), MOST_RULES, 'rule');
  return more === undefined ? lines : [...lines, more];
}

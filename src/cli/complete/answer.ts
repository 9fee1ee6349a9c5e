import type { Io } from '../io/io.js';
import { createProgram } from '../program.js';
import { verbs } from '../verbs.js';
import type { Candidates } from './candidates.js';
import { complete } from './complete.js';

/**
 * Answers a shell in the words of spf13/cobra's completion protocol, which docker and kubectl speak with their plugins too:
 * a candidate a line, with a tab and its description for `__complete`, and at last a colon with a directive.
 *
 * @param argv `__complete` or `__completeNoDesc`, and the words up to the cursor
 */
export async function answerShell([asked, ...words]: readonly string[], io: Io): Promise<void> {
  const described = asked === '__complete';
  const named = words.length > 1 ? verbs.filter(({ name }) => name === words[0]) : undefined;
  const found: Candidates =
    // Names alone need no verb's code.
    words.length === 1 && !described && !words[0]?.startsWith('-')
      ? names(words[0] ?? '')
      : await complete(await createProgram(named ?? verbs, io, () => undefined), words);
  const lines = found.candidates.map(({ word, about }) =>
    described && about !== undefined ? `${word}\t${oneLine(about)}` : word,
  );
  io.out([...lines, `:${directive(found)}`, ''].join('\n'));
}

function names(word: string): Candidates {
  const visible = verbs.filter(({ hidden, name }) => hidden !== true && name.startsWith(word));
  return { candidates: visible.map(({ name }) => ({ word: name })) };
}

/** ShellCompDirective of cobra's completions.go. */
const NO_SPACE = 2;
const NO_FILES = 4;
const DIRECTORIES = 16;
const KEEP_ORDER = 32;

function directive({ candidates, paths }: Candidates): number {
  const open = candidates.length > 0 && candidates.every(({ word }) => /[@:=]$/.test(word));
  const asked = paths === undefined ? NO_FILES : paths === 'directory' ? DIRECTORIES : 0;
  return KEEP_ORDER + asked + (open ? NO_SPACE : 0);
}

const LONGEST = 100;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

import { CallgateError } from '../error.js';
import type { AbiName } from '../syscalls/abi.js';
import { type ParsedCall, parseCall } from '../syscalls/call.js';

/**
 * A call; undefined for a text that is not meant as one.
 *
 * @throws CallgateError `USAGE` for a mistyped call
 */
export function parseCallOrText(text: string, arch: AbiName): ParsedCall | undefined {
  try {
    return parseCall(text, arch);
  } catch (error) {
    if (!(error instanceof CallgateError) || isMeantAsCall(text.trim())) throw error;
    return undefined;
  }
}

/** One word, or a word and arguments with nothing behind them: no result as strace prints one, and no sentence. */
function isMeantAsCall(text: string): boolean {
  const [word = ''] = /^[\w:-]*/.exec(text) ?? [];
  const rest = text.slice(word.length).trimStart();
  if (rest === '') return true;
  if (word === '' || !rest.startsWith('(') || /[\n<]/.test(rest)) return false;
  const end = endOfArguments(rest);
  return end === undefined || end === rest.length;
}

/** Behind the parenthesis that closes the first one; undefined where nothing closes it. */
function endOfArguments(text: string): number | undefined {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')' && --depth === 0) return index + 1;
  }
  return undefined;
}

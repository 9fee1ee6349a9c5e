import { CallgateError, type ErrorDetails } from '../error.js';

/** Where a call's text comes from, for the positions of errors. */
export interface CallSource {
  readonly file: string;
  readonly line: number;
  /** Added to columns when the text starts inside a line. */
  readonly offset: number;
}

/** Reads a call's text from left to right. */
export interface Scanner {
  /** Index of the next character that is not blank. */
  readonly index: () => number;
  readonly peek: () => string;
  /** Steps over `text` if it comes next. */
  readonly take: (text: string) => boolean;
  /** Takes what `pattern` (sticky) matches next. */
  readonly match: (pattern: RegExp) => string | undefined;
  readonly atEnd: () => boolean;
  readonly fail: (message: string, index: number, details?: Omit<ErrorDetails, 'at'>) => never;
}

const LONGEST = 4096;

export function scan(text: string, source: CallSource): Scanner {
  let position = 0;
  const fail = (message: string, index: number, details: Omit<ErrorDetails, 'at'> = {}): never => {
    const at = { file: source.file, line: source.line, column: source.offset + index + 1 };
    throw new CallgateError('USAGE', message, { ...details, at });
  };
  if (text.length > LONGEST) fail(`a call of ${text.length} characters; the most is ${LONGEST}`, LONGEST);
  const index = (): number => {
    while (position < text.length && ' \t'.includes(text.charAt(position))) position++;
    return position;
  };
  return {
    index,
    fail,
    peek: () => text.charAt(index()),
    take: (wanted) => {
      if (!text.startsWith(wanted, index())) return false;
      position += wanted.length;
      return true;
    },
    match: (pattern) => {
      pattern.lastIndex = index();
      const found = pattern.exec(text)?.[0];
      if (found !== undefined) position += found.length;
      return found;
    },
    atEnd: () => index() === text.length,
  };
}

import type { AbiName } from '../../syscalls/abi.js';
import { syscallNames } from '../../syscalls/libseccomp.js';
import { syscallName } from '../../syscalls/table.js';
import { callOfFunction, plainWords } from './patterns.js';

const names: ReadonlySet<string> = new Set(syscallNames);

export interface Mention {
  readonly call: string;
  readonly trust: number;
  /** The word that named it. */
  readonly word: string;
}

const FAILS =
  "(?:'|\\)|:|,|=|->|\\s|\\bfailed\\b|\\berror\\b|\\breturn(?:ed|s)?\\b|\\bwith\\b|\\bis\\b|\\bdenied\\b|\\bcall\\b|-|\\bN\\b|\\bby\\b|\\bgot\\b){0,8}";
/** `mbind: EPERM`, `io_uring_setup() failed: EPERM`, `statx(…): EPERM`. */
const FAILING = new RegExp(
  `\\b([a-z_][a-z0-9_]{2,31})(?:\\([^()]{0,80}\\))?${FAILS}(?:EPERM|ENOSYS|EACCES|SIGSYS)\\b`,
  'g',
);
/** `EPERM: operation, statx '…'`, as Node says it; `EPERM in statx`. */
const AFTER = /\b(?:EPERM|ENOSYS)\b[:,;]?(?: (?:from|in|for|on|by|at))? '?([a-z_][a-z0-9_]{2,31})\b/g;
/** `syscall statx`, `the statx system call`, `statx(2)`, `statx()`. */
const CALLED =
  /\b(?:syscall|system call|call)s? '?([a-z_][a-z0-9_]{2,31})\b|\b([a-z_][a-z0-9_]{2,31})'? (?:syscall|system call)s?\b|\b([a-z_][a-z0-9_]{2,31})\((?:N)?\)/g;
const WORD = /[a-z_][a-z0-9_]{2,31}/g;

/**
 * Calls that a line names: surely where it says that they failed, less so where a word merely is a call's name.
 *
 * @param normal the line's normal form
 */
export function mentionsIn(normal: string): readonly Mention[] {
  const found = new Map<string, Mention>();
  const add = (word: string | undefined, trust: number): void => {
    if (word === undefined) return;
    const call = callOfFunction.get(word) ?? (names.has(word) ? word : undefined);
    if (call === undefined || (found.get(call)?.trust ?? 0) >= trust) return;
    found.set(call, { call, trust, word });
  };
  for (const [, word] of normal.matchAll(FAILING)) add(word, 0.93);
  for (const [, word] of normal.matchAll(AFTER)) add(word, 0.8);
  for (const [, a, b, c] of normal.matchAll(CALLED)) add(a ?? b ?? c, 0.85);
  for (const [word] of normal.matchAll(WORD)) {
    if (!plainWords.has(word)) add(word, callOfFunction.has(word) ? 0.7 : 0.6);
  }
  return [...found.values()];
}

const NUMBERED =
  /\b(?:syscall|system call)s?(?:_| (?:nr|no\.?|number)?[ =:#]*| ?[=:#] ?)(0x[0-9a-f]{1,8}|\d{1,10})\b/i;

/** `syscall 0x19c denied`: a call by its number, on the first of these ABIs that has it. */
export function numberedIn(line: string, abis: readonly AbiName[]): Mention | undefined {
  const digits = NUMBERED.exec(line)?.[1];
  if (digits === undefined) return undefined;
  for (const abi of abis) {
    const call = syscallName(Number(digits), abi);
    if (call !== undefined) return { call, trust: 0.85, word: `syscall ${digits}` };
  }
  return undefined;
}

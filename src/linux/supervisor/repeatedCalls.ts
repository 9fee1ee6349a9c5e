import type { ArgumentShape } from './denial.js';
import type { Repeat } from './denialLog.js';

/** The words of struct seccomp_data that hold the number and the audit arch; the arguments begin at word 4. */
const NUMBER = 0;
const ARCH = 1;
const ARGUMENTS = 4;

interface Call {
  readonly exe: string | undefined;
  readonly errno: number;
  /** Words whose values make the call one of its kind, and these values. */
  readonly words: readonly number[];
  readonly values: readonly number[];
  readonly repeat: Repeat;
}

/** No audit arch has so many numbers that are called. */
const MAX_CALLS = 1000;

/**
 * The last call of each number, so that a program that tries the same again and again costs little. Calls with strings
 * are not remembered: the same address may hold another text.
 */
export function repeatedCalls() {
  const calls = new Map<number, Call>();
  return {
    /** What counts this call, when it is of the same kind as the last one of its number. */
    find: (data: Uint32Array, exe: string | undefined, errno: number): Repeat | undefined => {
      const call = calls.get(data[NUMBER] ?? 0);
      if (call === undefined || call.exe !== exe || call.errno !== errno) return undefined;
      for (let index = 0; index < call.words.length; index++) {
        if (data[call.words[index] ?? 0] !== call.values[index]) return undefined;
      }
      return call.repeat;
    },
    remember: (
      data: Uint32Array,
      exe: string | undefined,
      errno: number,
      shape: ArgumentShape | undefined,
      repeat: Repeat,
    ): void => {
      const number = data[NUMBER] ?? 0;
      if (shape?.includes('s') === true || (calls.size >= MAX_CALLS && !calls.has(number))) return;
      const words = [ARCH, ...[...(shape ?? '')].flatMap((letter, index) => tellingWords(letter, index))];
      calls.set(number, { exe, errno, words, values: words.map((word) => data[word] ?? 0), repeat });
    },
  };
}

/** Little-endian halves of an argument, as its letter says which of them tell kinds apart (denial.ts). */
function tellingWords(letter: string, index: number): readonly number[] {
  const low = ARGUMENTS + 2 * index;
  if (letter === 'i') return [low];
  return letter === 'l' ? [low, low + 1] : [];
}

import { CallgateError, type Position } from '../error.js';
import type { AbiName } from './abi.js';
import { abi as abiOf, abis, findAbi } from './abis.js';
import { nearestNames, syscallNumber } from './table.js';

/** A concrete call of a list: all six registers have a value. */
export interface CallLine {
  readonly abi: AbiName;
  /** As in seccomp_data.nr. */
  readonly number: number;
  readonly args: readonly bigint[];
}

const WORD = /\S+/g;
const NUMERAL = /^(0[xX][0-9a-fA-F]+|[0-9]+)$/;
const NEGATIVE = /^-(0[xX][0-9a-fA-F]+|[0-9]+)$/;

/**
 * Reads one line `ABI SYSCALL|NUMBER [a0 … a5]`; numbers are decimal or 0x hex, missing arguments are 0. Undefined for
 * an empty line or a `#` comment.
 *
 * @throws CallgateError `INPUT` with file:line:column
 * @example parseCallLine('x86_64 socket 40 1 0', 'calls', 1)?.number // 41
 */
export function parseCallLine(text: string, file: string, line: number): CallLine | undefined {
  const words = [...text.replace(/#.*$/, '').matchAll(WORD)];
  if (words.length === 0) return undefined;
  const at = (index: number): Position => ({ file, line, column: (words[index]?.index ?? text.length) + 1 });
  const [abiWord, callWord, ...rest] = words.map((match) => match[0]);
  const abi = findAbi(abiWord ?? '');
  if (abi === undefined) {
    throw new CallgateError('INPUT', `no architecture is called ${clip(abiWord ?? '')}`, {
      at: at(0),
      expected: abis.map(({ name }) => name).join(', '),
    });
  }
  if (callWord === undefined) {
    throw new CallgateError('INPUT', 'a syscall is missing', { at: at(1), expected: 'a name or a number' });
  }
  if (rest.length > 6) throw new CallgateError('INPUT', 'a call has six arguments at most', { at: at(8) });
  return {
    abi,
    number: numberOf(callWord, abi, at(1)),
    args: Array.from({ length: 6 }, (_, index) => register(rest[index] ?? '0', at(index + 2))),
  };
}

function numberOf(word: string, abi: AbiName, at: Position): number {
  const value = integer(word);
  if (value !== undefined) {
    if (value < -0x80000000n || value > 0xffffffffn) {
      throw new CallgateError('INPUT', `${clip(word)} does not fit in 32 bits`, { at });
    }
    const { numberBase } = abiOf(abi);
    const number = Number(BigInt.asUintN(32, value));
    // Table numbers are taken too: `x32 59` is 0x4000003b.
    return value >= 0n && number < numberBase ? number + numberBase : number;
  }
  const number = syscallNumber(word, abi);
  if (number !== undefined) return number;
  const near = nearestNames(word);
  throw new CallgateError('INPUT', `${abi} has no syscall ${clip(word)}`, {
    at,
    ...(near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {}),
  });
}

function register(word: string, at: Position): bigint {
  const value = integer(word);
  if (value === undefined) {
    throw new CallgateError('INPUT', `${clip(word)} is not a number`, {
      at,
      expected: 'decimal or 0x hexadecimal',
    });
  }
  if (value < -(1n << 63n) || value >= 1n << 64n) {
    throw new CallgateError('INPUT', `${clip(word)} does not fit in 64 bits`, { at });
  }
  return BigInt.asUintN(64, value);
}

/** Longer numerals than these cannot fit and would only cost time. */
const MOST_DIGITS = 64;

function integer(word: string): bigint | undefined {
  if (word.length > MOST_DIGITS) return undefined;
  if (NUMERAL.test(word)) return BigInt(word);
  return NEGATIVE.test(word) ? -BigInt(word.slice(1)) : undefined;
}

const clip = (word: string): string => (word.length > 40 ? `${word.slice(0, 40)}…` : word);

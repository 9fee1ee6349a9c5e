import type { AbiName } from './abi.js';
import type { Scanner } from './callScanner.js';
import { constantNames, constantValue } from './constants.js';
import { nearestWords } from './nearest.js';

const NUMBER = /0[xX][0-9a-fA-F]+|0[oO]?[0-7]+(?![0-9a-zA-Z_])|[0-9]+(?![0-9a-zA-Z_])/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
/** A string as strace prints it: its address is not known. */
const STRING = /"(?:[^"\\]|\\.)*"(?:\.\.\.)?/y;
const DEEPEST = 32;
const TOP = 1n << 64n;

/** An argument: a number, or undefined for `_`, `*`, a string or a structure, which can be anything. */
export function readArgument(scanner: Scanner, abi: AbiName): bigint | undefined {
  if (isAny(scanner)) return undefined;
  const start = scanner.index();
  const value = alternatives(scanner, abi, 0);
  if (value >= TOP || value < -(TOP >> 1n)) scanner.fail(`${value} does not fit in a 64-bit register`, start);
  return value;
}

function isAny(scanner: Scanner): boolean {
  if (scanner.match(/_(?![A-Za-z0-9_])|\*|\.\.\./y) !== undefined) return true;
  if (scanner.match(STRING) !== undefined) return true;
  const next = scanner.peek();
  if (next !== '{' && next !== '[') return false;
  skipStructure(scanner);
  return true;
}

/** `{flags=CLONE_VM, …}` and `[1, 2]` as strace prints memory: a filter sees its address only. */
function skipStructure(scanner: Scanner): void {
  const start = scanner.index();
  let depth = 0;
  do {
    if (scanner.match(STRING) !== undefined) continue;
    const piece = scanner.match(/[{}[\]]|[^{}[\]"]+/y);
    if (piece === undefined) scanner.fail('this structure does not end', start, { expected: '"}" or "]"' });
    if (piece === '{' || piece === '[') depth++;
    if (piece === '}' || piece === ']') depth--;
  } while (depth > 0);
}

function alternatives(scanner: Scanner, abi: AbiName, depth: number): bigint {
  let value = term(scanner, abi, depth);
  for (;;) {
    if (scanner.peek() !== '|') return value;
    scanner.take('|');
    value |= term(scanner, abi, depth);
  }
}

function term(scanner: Scanner, abi: AbiName, depth: number): bigint {
  const start = scanner.index();
  if (depth > DEEPEST) scanner.fail('this is nested too deeply', start);
  if (scanner.take('~')) return ~term(scanner, abi, depth + 1);
  if (scanner.take('-')) return -term(scanner, abi, depth + 1);
  if (scanner.take('(')) {
    const value = alternatives(scanner, abi, depth + 1);
    if (!scanner.take(')')) scanner.fail('a parenthesis is not closed', start, { expected: '")"' });
    return value;
  }
  const digits = scanner.match(NUMBER);
  if (digits !== undefined) return readNumber(digits);
  const word = scanner.match(WORD);
  if (word === undefined) {
    return scanner.fail('an argument is missing here', start, {
      expected: 'a number, a constant such as AF_VSOCK, or _ for any value',
    });
  }
  if (word === 'NULL') return 0n;
  const value = constantValue(word, abi);
  if (value !== undefined) return value;
  const near = nearestWords(word, constantNames);
  return scanner.fail(
    `no constant is called ${word}`,
    start,
    near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {},
  );
}

/** Decimal, 0x hex, and octal with a leading 0 as in C. */
export function readNumber(digits: string): bigint {
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
  return BigInt(digits.toLowerCase());
}

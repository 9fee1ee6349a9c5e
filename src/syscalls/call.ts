import type { AbiName } from './abi.js';
import { abi as abiOf, abis, findAbi } from './abis.js';
import { type CallSource, type Scanner, scan } from './callScanner.js';
import { readArgument, readNumber } from './callValue.js';
import { syscallNames } from './libseccomp.js';
import { signatureOf } from './signature.js';
import { nearestNames, syscallName, syscallNumber } from './table.js';

/** A call as a person names it. */
export interface ParsedCall {
  /** Absent for a number without a name on this ABI. */
  readonly name?: string;
  /** As in seccomp_data.nr, with the x32 bit and the MIPS bases; absent when the ABI has no such call. */
  readonly number?: number;
  readonly abi: AbiName;
  /**
   * Six registers, unsigned, as wide as the ABI's; undefined: any value. A negative number for a narrower argument
   * stands as a compiler passes it, without sign in the upper half (`AT_FDCWD` for an `int` is 0xffffff9c).
   */
  readonly args: readonly (bigint | undefined)[];
}

const knownNames: ReadonlySet<string> = new Set(syscallNames);

const NUMBER = /(?:syscall_)?(-?(?:0[xX][0-9a-fA-F]+|[0-9]+))(?![0-9a-zA-Z_])/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const ABI_PREFIX = /[A-Za-z0-9_-]+(?=:)/y;
const X32_BIT = 0x40000000;

/**
 * Reads a call: a name or number, an ABI before a colon, arguments by position or name.
 *
 * @param abi the ABI when the text names none
 * @param source where the text stands, for errors
 * @throws CallgateError `USAGE` with the column and the nearest word
 * @example parseCall('socket(AF_VSOCK, SOCK_STREAM, 0)', 'x86_64')
 * @example parseCall('x86:clone(flags=CLONE_NEWUSER|SIGCHLD)', 'x86_64')
 * @example parseCall('syscall_0x1c4', 'x86_64').name // 'fchmodat2'
 */
export function parseCall(
  text: string,
  abi: AbiName,
  source: CallSource = { file: 'call', line: 1, offset: 0 },
): ParsedCall {
  const scanner = scan(text, source);
  const target = readTarget(scanner, readAbi(scanner) ?? abi);
  const args = scanner.take('(') ? readArguments(scanner, target) : [];
  if (!scanner.atEnd()) {
    scanner.fail(`"${text.slice(scanner.index())}" was not expected here`, scanner.index(), {
      expected: 'a call such as clone3, 435 or socket(AF_VSOCK, SOCK_STREAM, 0)',
    });
  }
  return { ...target, args: Array.from({ length: 6 }, (_, index) => args[index]) };
}

function readAbi(scanner: Scanner): AbiName | undefined {
  const start = scanner.index();
  const word = scanner.match(ABI_PREFIX);
  if (word === undefined) return undefined;
  scanner.take(':');
  const name = findAbi(word);
  if (name !== undefined) return name;
  return scanner.fail(`no architecture is called ${word}`, start, {
    expected: abis.map((row) => row.name).join(', '),
  });
}

type Target = Omit<ParsedCall, 'args'>;

function readTarget(scanner: Scanner, abi: AbiName): Target {
  const start = scanner.index();
  const digits = scanner.match(NUMBER);
  if (digits !== undefined) return byNumber(digits.replace(/^syscall_/, ''), abi, scanner, start);
  const name = scanner.match(NAME);
  if (name === undefined) {
    return scanner.fail('a call is missing here', start, { expected: 'a name such as clone3, or a number' });
  }
  if (!knownNames.has(name)) {
    const near = meantNames(name);
    scanner.fail(
      `no system call is called ${name}`,
      start,
      near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {},
    );
  }
  const number = syscallNumber(name, abi);
  return { name, abi, ...(number === undefined ? {} : { number }) };
}

/** As the headers and the kernel call it: `__NR_clone3`, `SYS_clone3`, `__x64_sys_clone3`. */
const PREFIX = /^(?:__NR_|SYS_|(?:__[a-z0-9]+_)?sys_)/;

function meantNames(name: string): readonly string[] {
  const bare = name.replace(PREFIX, '');
  return knownNames.has(bare) ? [bare] : nearestNames(bare);
}

/** Numbers below an ABI's base are taken for table numbers: `x32:435` is 0x400001b3. */
function byNumber(digits: string, abi: AbiName, scanner: Scanner, start: number): Target {
  const negative = digits.startsWith('-');
  const value = Number(readNumber(negative ? digits.slice(1) : digits)) * (negative ? -1 : 1);
  if (!(value >= -0x80000000 && value <= 0xffffffff)) scanner.fail(`${digits} is not a 32-bit number`, start);
  const { numberBase } = abiOf(abi);
  const number = value >= 0 && value < numberBase ? value + numberBase : value >>> 0;
  const own = abi === 'x86_64' && number >= X32_BIT && number < 2 * X32_BIT ? 'x32' : abi;
  const name = syscallName(number, own);
  return { abi: own, number, ...(name === undefined ? {} : { name }) };
}

function readArguments(scanner: Scanner, target: Target): (bigint | undefined)[] {
  const args: (bigint | undefined)[] = [];
  const named = new Set<number>();
  let next = 0;
  if (scanner.take(')')) return args;
  do {
    const start = scanner.index();
    const word = scanner.match(/[A-Za-z_][A-Za-z0-9_]*(?=\s*=(?!=))/y);
    if (word !== undefined) scanner.take('=');
    const index = word === undefined ? next : argumentIndex(scanner, target, word, start);
    if (index > 5) scanner.fail('a call has six arguments at most', start);
    if (named.has(index)) scanner.fail(`argument ${index} is given twice`, start);
    named.add(index);
    const value = readArgument(scanner, target.abi);
    args[index] = value === undefined ? undefined : toRegister(value, target, index);
    next = index + 1;
  } while (scanner.take(','));
  if (!scanner.take(')'))
    scanner.fail('the arguments do not end here', scanner.index(), { expected: '"," or ")"' });
  return args;
}

/** By the kernel's name, `arg0`…`arg5`, or a unique ending of a name after `_` (`flags` for `unshare_flags`). */
function argumentIndex(scanner: Scanner, target: Target, word: string, start: number): number {
  const names =
    (target.name === undefined ? undefined : signatureOf(target.name, target.abi))?.args.map(
      (arg) => arg.name,
    ) ?? [];
  const exact = names.indexOf(word);
  if (exact >= 0) return exact;
  const numbered = /^(?:arg|a)([0-5])$/.exec(word)?.[1];
  if (numbered !== undefined) return Number(numbered);
  const endings = names.filter((name) => name.endsWith(`_${word}`) || word.endsWith(`_${name}`));
  if (endings.length === 1) return names.indexOf(endings[0] ?? '');
  return scanner.fail(`${target.name ?? 'this call'} has no argument ${word}`, start, {
    expected: names.length > 0 ? names.join(', ') : 'arg0 … arg5',
  });
}

function toRegister(value: bigint, target: Target, index: number): bigint {
  const arg = target.name === undefined ? undefined : signatureOf(target.name, target.abi)?.args[index];
  const { bits } = abiOf(target.abi);
  const width =
    value < 0n && arg !== undefined && arg.bits > 0
      ? arg.bits
      : bits === 32 && target.abi !== 'x32'
        ? 32
        : 64;
  return BigInt.asUintN(value < 0n ? width : 64, value);
}

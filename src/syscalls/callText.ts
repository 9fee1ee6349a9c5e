import type { AbiName } from './abi.js';
import type { ParsedCall } from './call.js';
import { constantGroup, constantGroupOf, constantValue } from './constants.js';
import { constantText, hex, plain } from './constantsText.js';
import { type Argument, signatureOf } from './signature.js';

/**
 * One argument of a call as strace prints it: constants by name, pointers in hex, `_` for any value.
 *
 * @param args all registers; a protocol's name depends on its family
 */
export function argumentText(
  name: string | undefined,
  abi: AbiName,
  index: number,
  args: readonly (bigint | undefined)[],
): string {
  const value = args[index];
  if (value === undefined) return '_';
  const arg = name === undefined ? undefined : signatureOf(name, abi)?.args[index];
  if (arg === undefined || name === undefined) return value < 1000n ? value.toString() : hex(value);
  const bits = arg.bits === 0 ? 64 : arg.bits;
  // Bits above the argument's width are not the kernel's business, but a filter sees them: print the register as it is,
  // except where a negative number's own sign fills them.
  if (value < 1n << BigInt(bits)) return wordOf(name, abi, arg, args, value);
  const signed = BigInt.asIntN(bits, value);
  if (BigInt.asUintN(64, signed) !== value) return hex(value);
  const word = wordOf(name, abi, arg, args, value);
  return word === signed.toString() || isNegative(word, abi) ? word : hex(value);
}

const isNegative = (word: string, abi: AbiName): boolean => (constantValue(word, abi) ?? 0n) < 0n;

function wordOf(
  name: string,
  abi: AbiName,
  arg: Argument,
  args: readonly (bigint | undefined)[],
  value: bigint,
): string {
  const bits = arg.bits === 0 ? 64 : arg.bits;
  const group = constantGroupOf(name, arg.name);
  if (group !== undefined) return constantText(protocolGroup(group, abi, args), value, abi, bits);
  switch (arg.kind) {
    case 'pointer':
    case 'string':
      return value === 0n ? 'NULL' : hex(value);
    case 'mode':
      return constantText('S', value, abi, bits);
    case 'flags':
      return hex(value);
    case 'int':
    case 'fd':
    case 'pid':
    case 'id':
    case 'size':
    case 'padding':
      return plain(value, bits);
  }
}

/** socket(2)'s third argument is NETLINK_* for netlink, IPPROTO_* for the internet families, a bare number else. */
function protocolGroup(group: string, abi: AbiName, args: readonly (bigint | undefined)[]): string {
  if (group !== 'PROTOCOL') return group;
  const families = constantGroup('AF', abi)?.members;
  if (args[0] === families?.get('AF_NETLINK')) return 'NETLINK';
  return args[0] === families?.get('AF_INET') || args[0] === families?.get('AF_INET6') ? 'IPPROTO' : '';
}

/**
 * A call in one line. Trailing arguments that can be anything are left out; a number without a name stands as strace
 * prints it.
 *
 * @param defaultAbi the ABI that needs no prefix
 * @example formatCall(parseCall('socket(40, 1)', 'x86_64')) // 'socket(AF_VSOCK, SOCK_STREAM)'
 */
export function formatCall(call: ParsedCall, defaultAbi: AbiName = call.abi): string {
  const prefix = call.abi === defaultAbi ? '' : `${call.abi}:`;
  const name = call.name ?? `syscall_0x${(call.number ?? 0).toString(16)}`;
  const given = call.args.findLastIndex((value) => value !== undefined) + 1;
  if (given === 0) return `${prefix}${name}`;
  const words = call.args
    .slice(0, given)
    .map((_, index) => argumentText(call.name, call.abi, index, call.args));
  return `${prefix}${name}(${words.join(', ')})`;
}

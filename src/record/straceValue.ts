import { CallgateError } from '../error.js';
import type { AbiName } from '../syscalls/abi.js';
import { parseCall } from '../syscalls/call.js';
import { signatureOf } from '../syscalls/signature.js';

/**
 * The register behind an argument as strace printed it; undefined where the text does not tell (a string, an unknown
 * constant, a call that was cut).
 *
 * @param pieces all of the call's arguments, see straceArguments
 */
export function straceValue(
  name: string,
  abi: AbiName,
  index: number,
  pieces: readonly string[],
): bigint | undefined {
  const argument = signatureOf(name, abi)?.args[index];
  if (argument === undefined || isSplitBefore(name, abi, index)) return undefined;
  // strace names the arguments of clone, whose order differs by architecture.
  const named = pieces.some((piece) => /^\s*[a-z_]+=/.test(piece));
  const piece = named
    ? pieces.find((text) => text.trimStart().startsWith(`${argument.name}=`))?.replace(/^\s*[a-z_]+=/, '')
    : pieces[index];
  if (piece === undefined) return undefined;
  const text = piece
    .replace(/\/\*.*?\*\//g, '')
    .replace(/<[^<].*$/, '')
    .trim();
  if (text === '') return undefined;
  try {
    return parseCall(`${name}(${'_, '.repeat(index)}${text})`, abi).args[index];
  } catch (error) {
    if (error instanceof CallgateError) return undefined;
    throw error;
  }
}

/** strace prints a 64-bit argument of a 32-bit ABI once, though it takes two registers. */
function isSplitBefore(name: string, abi: AbiName, index: number): boolean {
  return (signatureOf(name, abi)?.args ?? [])
    .slice(0, index + 1)
    .some((argument) => argument.kind === 'padding' || /_(lo|hi)$/.test(argument.name));
}

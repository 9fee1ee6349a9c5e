import { constantValue } from '../../syscalls/constants.js';
import { signatureOf } from '../../syscalls/signature.js';
import type { Question } from '../answer.js';
import type { ArgumentCondition, SysctlCondition } from './check.js';

/** `open`: it cannot be told; the words are the condition. */
export type Truth =
  | { readonly kind: 'holds' }
  | { readonly kind: 'fails' }
  | { readonly kind: 'open'; readonly words: string };

const truth = (value: boolean): Truth => (value ? { kind: 'holds' } : { kind: 'fails' });

/** Whether a register meets a condition. */
export function argumentTruth(condition: ArgumentCondition, { name, abi, args }: Question): Truth {
  const index =
    name === undefined
      ? -1
      : (signatureOf(name, abi)?.args.findIndex((arg) => arg.name === condition.arg) ?? -1);
  const argument = name === undefined ? undefined : signatureOf(name, abi)?.args[index];
  const register = args?.[index];
  if (argument === undefined || register === undefined) return { kind: 'open', words: wordsOf(condition) };
  const bits = (value: bigint): bigint => BigInt.asUintN(argument.bits, value);
  const number = (word: string | number): bigint => {
    const value = typeof word === 'number' ? BigInt(word) : constantValue(word, abi);
    if (value === undefined) throw new TypeError(`no constant ${word}`);
    return bits(value);
  };
  const union = (words: readonly (string | number)[]): bigint =>
    words.reduce((sum, word) => sum | number(word), 0n);
  const value = bits(register) & (condition.mask === undefined ? bits(-1n) : BigInt(condition.mask));
  const { any, none, is, not } = condition;
  return truth(
    (any === undefined || (value & union(any)) !== 0n) &&
      (none === undefined || (value & union(none)) === 0n) &&
      (is === undefined || is.some((word) => number(word) === value)) &&
      (not === undefined || !not.some((word) => number(word) === value)),
  );
}

function wordsOf({ arg, mask, any, none, is, not }: ArgumentCondition): string {
  const shown = mask === undefined ? arg : `${arg} & 0x${mask.toString(16)}`;
  const spell = (word: string | number): string =>
    typeof word === 'number' && word > 99 ? `0x${word.toString(16)}` : `${word}`;
  const list = (words: readonly (string | number)[]): string => words.map(spell).join(' or ');
  return [
    ...(any === undefined ? [] : [`${shown} has ${list(any)}`]),
    ...(none === undefined ? [] : [`${shown} lacks ${none.map(spell).join(' and ')}`]),
    ...(is === undefined ? [] : [`${shown} is ${list(is)}`]),
    ...(not === undefined ? [] : [`${shown} is not ${list(not)}`]),
  ].join(' and ');
}

/** Whether a setting has the value with which a check is made. */
export function sysctlTruth(
  { name, is, atLeast }: SysctlCondition,
  values: ReadonlyMap<string, string | undefined>,
): Truth {
  if (!values.has(name)) {
    return { kind: 'open', words: is === undefined ? `${name} is ${atLeast} or more` : `${name} is ${is}` };
  }
  const value = values.get(name);
  if (value === undefined) return { kind: 'fails' };
  return truth(is === undefined ? Number(value) >= (atLeast ?? 0) : value.split(/\s+/).join(' ') === is);
}

import { CallgateError } from '../error.js';
import type { AbiName } from '../syscalls/abi.js';
import { parseCall } from '../syscalls/call.js';
import { signatureOf } from '../syscalls/signature.js';

/** Argument indices whose values are recorded, by the call's name. */
export type AskedArguments = ReadonlyMap<string, readonly number[]>;

/**
 * Reads `socket:0,clone:0,socket:1`. Several indices of one call are recorded together.
 *
 * @throws CallgateError `USAGE` for an unknown call, an index that it does not have, and for arguments whose values
 *   differ from run to run or that a filter cannot see (addresses)
 * @example parseAskedArguments('socket:0,socket:1', 'x86_64').get('socket') // [0, 1]
 */
export function parseAskedArguments(text: string, abi: AbiName): AskedArguments {
  const asked = new Map<string, number[]>();
  for (const word of text.split(',')) {
    const [, call = '', digits = ''] = /^\s*([^:\s]+):(\d+)\s*$/.exec(word) ?? [];
    if (call === '')
      throw new CallgateError('USAGE', `--args ${word}: a call and the index of its argument`, {
        expected: 'CALL:INDEX, for example socket:0',
      });
    const { name } = parseCall(call, abi);
    if (name === undefined) throw new CallgateError('USAGE', `--args ${word}: a number without a name`);
    const indices = asked.get(name) ?? [];
    const index = usableIndex(name, Number(digits), abi);
    if (!indices.includes(index)) indices.push(index);
    asked.set(name, indices.sort());
  }
  return asked;
}

function usableIndex(name: string, index: number, abi: AbiName): number {
  const signature = signatureOf(name, abi);
  const argument = signature?.args[index];
  const names = (signature?.args ?? []).map((each, at) => `${at} ${each.name}`).join(', ');
  if (argument === undefined || argument.kind === 'padding')
    throw new CallgateError('USAGE', `--args ${name}:${index}: ${abi}'s ${name} has no argument ${index}`, {
      ...(names === '' ? {} : { expected: names }),
    });
  if (argument.kind === 'pointer' || argument.kind === 'string')
    throw new CallgateError(
      'USAGE',
      `--args ${name}:${index}: ${argument.name} is an address: a filter does not see what is there`,
      { expected: `an argument that is a number: ${names}` },
    );
  return index;
}

import { CallgateError } from '../error.js';
import type { AbiName } from '../syscalls/abi.js';
import { type ParsedCall, parseCall } from '../syscalls/call.js';

/**
 * A call; undefined for a text that is not meant as one.
 *
 * @throws CallgateError `USAGE` for a mistyped call
 */
export function parseCallOrText(text: string, arch: AbiName): ParsedCall | undefined {
  try {
    return parseCall(text, arch);
  } catch (error) {
    if (!(error instanceof CallgateError) || LIKE_A_CALL.test(text)) throw error;
    return undefined;
  }
}

const LIKE_A_CALL = /^[\w:-]+(?:\s*\([^\n=]*\))?$/;

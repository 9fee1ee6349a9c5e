import { CallgateError } from '../error.js';
import type { Policy } from '../policy/policy.js';
import { check } from './check.js';
import { decode, type Endian } from './encode.js';
import type { Program } from './instruction.js';
import { lift } from './lift.js';

/**
 * A filter from its bytes, with what it answers.
 *
 * @param name of the file, for messages
 * @throws {CallgateError} INPUT for bytes that the kernel would refuse, and for what cannot be decided exactly
 * @example readFilter(bytes, 'filter.bpf', 'little').program.length === program.length // true
 */
export function readFilter(
  bytes: Uint8Array,
  name: string,
  endian: Endian,
): { readonly program: Program; readonly policy: Policy } {
  const program = decode(bytes, endian);
  const verdict = check(program);
  if (!verdict.ok) {
    const where = verdict.instruction < 0 ? '' : `instruction ${verdict.instruction}: `;
    throw new CallgateError(
      'INPUT',
      `${name}: the kernel would refuse this filter: ${where}${verdict.reason}`,
      {
        expected: 'struct sock_filter[], 8 bytes an instruction',
      },
    );
  }
  const lifted = lift(program);
  if (lifted.ok) return { program, policy: lifted.policy };
  const where = lifted.instruction < 0 ? '' : `instruction ${lifted.instruction}: `;
  throw new CallgateError(
    'INPUT',
    `${name}: what the filter does cannot be decided: ${where}${lifted.reason}`,
  );
}

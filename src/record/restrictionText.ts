import type { OciArg } from '../profile/argument.js';
import type { AbiName } from '../syscalls/abi.js';
import { argumentText } from '../syscalls/callText.js';
import { signatureOf } from '../syscalls/signature.js';

/** Comparisons in words: `family == AF_UNIX && type within SOCK_STREAM|SOCK_CLOEXEC`. */
export function restrictionText(name: string, abi: AbiName, comparisons: readonly OciArg[]): string {
  const family = comparisons.find(({ index }) => index === 0);
  return comparisons
    .map(({ index, op, value, valueTwo }) => {
      const argument = signatureOf(name, abi)?.args[index];
      const words = (register: bigint): string => {
        // A protocol has its name by the family that stands beside it.
        const registers: bigint[] = family?.op === 'SCMP_CMP_EQ' ? [family.value] : [];
        registers[index] = register;
        return argumentText(name, abi, index, registers);
      };
      const title = argument?.name ?? `argument ${index}`;
      if (op === 'SCMP_CMP_EQ') return `${title} == ${words(value)}`;
      const bits = argument === undefined || argument.bits === 0 ? 64 : argument.bits;
      const flags = ~value & ((1n << BigInt(bits)) - 1n);
      // Flags that may be missing, and the number beside them that may not.
      return flags === 0n ? `${title} == ${words(valueTwo)}` : `${title} within ${words(valueTwo | flags)}`;
    })
    .join(' && ');
}

import { comparePolicies, type Difference } from '../../policy/compare.js';
import { leaf, test } from '../../policy/decision.js';
import type { Decision, Policy } from '../../policy/policy.js';
import { gained } from '../../policy/widening.js';
import type { OciArg } from '../../profile/argument.js';
import type { ProfileRule } from '../../profile/profile.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abi as abiOf, abis } from '../../syscalls/abis.js';
import { multiplexed, syscallNumber } from '../../syscalls/table.js';
import { decisionOf } from '../answer.js';
import { boundedDiagrams } from '../bounded.js';

const STOPS = leaf({ kind: 'kill_process' });
/** A range of more numbers than any table has is no range of named calls. */
const MOST_NUMBERS = 4096;

/** Conditions under which one number was meant to be opened; empty conditions: always. */
type Meant = { readonly bits: 32 | 64; readonly conditions: readonly (readonly OciArg[])[] };

/**
 * How many stretches of numbers a change answers differently that its rules do not name, or lets run for arguments
 * that they do not name. 0 is a proof that the change does what its rules say and nothing else.
 *
 * @throws CallgateError `INPUT` when conditions over arguments are too many to compare
 */
export function beyond(before: Policy, after: Policy, rules: readonly ProfileRule[]): number {
  const meant = meantBy(rules);
  return boundedDiagrams((diagrams) => {
    const stops = diagrams.of(STOPS);
    const exceeds = (difference: Difference, number: number): boolean => {
      const asked = meant.get(`${difference.auditArch} ${number}`);
      if (asked === undefined) return true;
      const rest = asked.conditions.reduce<Decision>(
        (left, condition) => unless(condition, asked.bits, left),
        gained(difference.left, difference.right),
      );
      return diagrams.of(rest) !== stops;
    };
    return comparePolicies(before, after, diagrams).filter((difference) => {
      const { from, to } = difference;
      if (difference.auditArch === undefined || to - from >= MOST_NUMBERS) return true;
      return Array.from({ length: to - from + 1 }, (_, index) => from + index).some((number) =>
        exceeds(difference, number),
      );
    }).length;
  });
}

/**
 * Names of rules whose calls do not run on an ABI even where the rule's comparisons hold. Empty: proved for all
 * arguments.
 *
 * @throws CallgateError as {@link beyond}
 */
export function lacking(after: Policy, rules: readonly ProfileRule[], abi: AbiName): readonly string[] {
  const { bits } = abiOf(abi);
  const runs = leaf({ kind: 'allow' });
  return boundedDiagrams((diagrams) => {
    const stops = diagrams.of(STOPS);
    const isOpen = (name: string, args: readonly OciArg[]): boolean => {
      const number = syscallNumber(name, abi);
      if (number === undefined) return false;
      const stopped = gained(decisionOf(after, { abi, number }), runs);
      const both = args.reduceRight<Decision>((then, arg) => whereEqual(arg, bits, then, STOPS), stopped);
      return diagrams.of(both) === stops;
    };
    return [...new Set(rules.flatMap(({ names, args }) => names.filter((name) => !isOpen(name, args))))];
  });
}

/** By audit arch and number: what the rules open there, directly or through socketcall and ipc. */
function meantBy(rules: readonly ProfileRule[]): ReadonlyMap<string, Meant> {
  const found = new Map<string, Meant>();
  for (const row of abis) {
    const { name: abi, auditArch } = row;
    const add = (number: number, conditions: readonly (readonly OciArg[])[]): void => {
      const key = `${auditArch} ${number}`;
      const before = found.get(key)?.conditions ?? [];
      found.set(key, { bits: row.bits, conditions: [...before, ...conditions] });
    };
    for (const { name, names, args } of rules) {
      for (const word of name === undefined ? names : [name, ...names]) {
        const number = syscallNumber(word, abi);
        if (number !== undefined) add(number, [args]);
        const through = multiplexed(word, abi);
        const carrier = through === undefined ? undefined : syscallNumber(through.via, abi);
        if (through !== undefined && carrier !== undefined) add(carrier, [[callArgument(through.call)]]);
      }
    }
  }
  return found;
}

const callArgument = (call: number): OciArg => ({
  index: 0,
  value: BigInt(call),
  valueTwo: 0n,
  op: 'SCMP_CMP_EQ',
});

/** The decision with everything that meets the condition refused. */
function unless(condition: readonly OciArg[], bits: 32 | 64, rest: Decision): Decision {
  return condition.reduceRight<Decision>((then, arg) => whereEqual(arg, bits, then, rest), STOPS);
}

/** libseccomp compares the lower half only on 32-bit ABIs, x32 too. */
function whereEqual(arg: OciArg, bits: 32 | 64, then: Decision, otherwise: Decision): Decision {
  const masked = arg.op === 'SCMP_CMP_MASKED_EQ';
  if (!masked && arg.op !== 'SCMP_CMP_EQ') return otherwise;
  const mask = masked ? arg.value : 0xffffffffffffffffn;
  const value = (masked ? arg.valueTwo : arg.value) & mask;
  const half = (high: boolean, inner: Decision): Decision =>
    test({
      word: arg.index * 2 + (high ? 1 : 0),
      mask: Number(BigInt.asUintN(32, high ? mask >> 32n : mask)),
      op: 'eq',
      value: Number(BigInt.asUintN(32, high ? value >> 32n : value)),
      then: inner,
      else: otherwise,
    });
  return half(false, bits === 64 ? half(true, then) : then);
}

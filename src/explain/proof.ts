import { CallgateError } from '../error.js';
import { type Action, sameAction } from '../policy/action.js';
import { comparePolicies, type Difference } from '../policy/compare.js';
import { leaf } from '../policy/decision.js';
import type { Diagrams } from '../policy/diagram.js';
import type { Policy } from '../policy/policy.js';
import { type AnswerPair, answerPairs } from '../policy/product.js';
import { reachOf } from '../policy/reach.js';
import type { AbiName } from '../syscalls/abi.js';
import { abi as abiOf, abiOfCall, abis } from '../syscalls/abis.js';
import { parseCall } from '../syscalls/call.js';
import { syscallName, syscallsOf } from '../syscalls/table.js';
import { decisionOf } from './answer.js';
import { boundedDiagrams } from './bounded.js';
import { constrain, direct, explain, type MeantCall, waysOf } from './meantCall.js';

/** How it is proved: nothing is sampled. */
export const METHOD =
  'canonical decision diagrams over every audit arch, all 2³² numbers and all bits of six 64-bit arguments';

/** Whether a statement holds; one call shows it when not. */
export interface Proof {
  readonly proved: boolean;
  readonly counterexample?: Counterexample;
}

/** A call for which a statement does not hold. */
export interface Counterexample {
  /** Absent: an architecture that no ABI of the tables has. */
  readonly abi?: AbiName;
  readonly auditArch: number;
  readonly syscall?: string;
  /** As in seccomp_data.nr. */
  readonly number: number;
  readonly args: readonly bigint[];
  readonly left: Action;
  /** The other policy's answer, where there is one. */
  readonly right?: Action;
  /** Why this is the call that was meant, where that is not to be seen: truncated arguments, socketcall. */
  readonly explanation?: string;
}

/**
 * Whether two policies answer every call alike.
 *
 * @param native the ABI that a counterexample is looked for first
 * @throws CallgateError `INPUT` when conditions over arguments are too many to compare
 * @example proveEquals(policy, policy, 'x86_64').proved // true
 */
export function proveEquals(left: Policy, right: Policy, native: AbiName): Proof {
  return compared(left, right, native, (pair) => !sameAction(pair.left, pair.right));
}

/**
 * Whether every call that `left` lets run, or hands to another process to decide, gets as far with `right`.
 *
 * @throws CallgateError as {@link proveEquals}
 * @example proveWithin(policy, policy, 'x86_64').proved // true
 */
export function proveWithin(left: Policy, right: Policy, native: AbiName): Proof {
  return compared(left, right, native, (pair) => reachOf(pair.left) > reachOf(pair.right));
}

/**
 * Whether a policy never lets a call run, nor hands it to another process: on every ABI of the machine, through
 * socketcall and ipc too, and with anything in register bits that the kernel does not read.
 *
 * @param text a call as a person writes it; an ABI before a colon keeps the question to that one
 * @throws CallgateError `USAGE` for a call that cannot be read
 * @example proveNever(policy, 'x86_64:socket(AF_VSOCK)', 'x86_64').proved
 */
export function proveNever(policy: Policy, text: string, native: AbiName): Proof {
  return quantified(policy, waysOf(text, native, policy), 'kill_process', ({ left }) => reachOf(left) > 0);
}

/**
 * Whether a policy always lets a call run on the container's own ABI (or the one before the colon), with anything in
 * register bits that the kernel does not read.
 *
 * @throws CallgateError `USAGE` for a call that cannot be read, or that the ABI does not have
 * @example proveAlways(policy, 'read', 'x86_64').proved // true
 */
export function proveAlways(policy: Policy, text: string, native: AbiName): Proof {
  const call = parseCall(text, native);
  const ways = direct(call);
  if (ways.length === 0) throw new CallgateError('USAGE', `${call.abi} has no call named ${call.name}`);
  return quantified(policy, ways, 'allow', ({ left }) => reachOf(left) < 2);
}

type Breaks = (pair: AnswerPair) => boolean;

function quantified(
  policy: Policy,
  ways: readonly MeantCall[],
  elsewhere: 'allow' | 'kill_process',
  breaks: Breaks,
): Proof {
  return boundedDiagrams((diagrams) => {
    const neutral = leaf({ kind: elsewhere });
    for (const way of ways) {
      const { abi, number, syscall } = way;
      const ref = diagrams.of(constrain(decisionOf(policy, way), way, neutral));
      const pair = answerPairs(diagrams, ref, ref).find(breaks);
      if (pair === undefined) continue;
      const explanation = explain(way, pair.example);
      return {
        proved: false,
        counterexample: {
          abi,
          auditArch: abiOf(abi).auditArch,
          ...(syscall === undefined ? {} : { syscall }),
          number,
          args: pair.example,
          left: pair.left,
          ...(explanation === undefined ? {} : { explanation }),
        },
      };
    }
    return { proved: true };
  });
}

function compared(left: Policy, right: Policy, native: AbiName, breaks: Breaks): Proof {
  return boundedDiagrams((diagrams) => {
    let best: { readonly rank: number; readonly counterexample: Counterexample } | undefined;
    for (const difference of comparePolicies(left, right, diagrams)) {
      const found = breaking(difference, diagrams, native, breaks);
      if (found === undefined || (best !== undefined && best.rank <= found.rank)) continue;
      best = found;
      if (best.rank === 0) break;
    }
    return best === undefined ? { proved: true } : { proved: false, counterexample: best.counterexample };
  });
}

/** A counterexample among the numbers of a difference: one with a name on the native ABI is the best one (rank 0). */
function breaking(
  { from, to, left, right, example }: Difference,
  diagrams: Diagrams,
  native: AbiName,
  breaks: Breaks,
): { readonly rank: number; readonly counterexample: Counterexample } | undefined {
  const pair = answerPairs(diagrams, diagrams.of(left), diagrams.of(right)).find(breaks);
  if (pair === undefined) return undefined;
  const { auditArch } = example;
  const named = abis
    .filter((row) => row.auditArch === auditArch)
    .flatMap(({ name: abi }) => {
      const call = syscallsOf(abi).find(({ number }) => from <= number && number <= to);
      return call === undefined ? [] : [{ abi, number: call.number }];
    });
  const chosen = named.find(({ abi }) => abi === native) ?? named[0];
  const number = chosen?.number ?? from;
  const abi = abiOfCall(auditArch, number);
  const syscall = abi === undefined ? undefined : syscallName(number, abi);
  return {
    rank: chosen === undefined ? 2 : chosen.abi === native ? 0 : 1,
    counterexample: {
      ...(abi === undefined ? {} : { abi }),
      auditArch,
      ...(syscall === undefined ? {} : { syscall }),
      number,
      args: pair.example,
      left: pair.left,
      right: pair.right,
    },
  };
}

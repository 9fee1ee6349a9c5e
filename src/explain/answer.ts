import type { Action } from '../policy/action.js';
import { decisionFor } from '../policy/decide.js';
import { leaf } from '../policy/decision.js';
import type { Decision, Policy } from '../policy/policy.js';
import type { AbiName } from '../syscalls/abi.js';
import { abi as abiOf } from '../syscalls/abis.js';
import type { ParsedCall } from '../syscalls/call.js';
import { argumentText } from '../syscalls/callText.js';
import { registerBits, signatureOf } from '../syscalls/signature.js';
import { type ArgumentWords, type Case, casesOf } from './cases.js';
import { restrict } from './restrict.js';
import { type Verdict, verdictOf } from './verdict.js';

/** A call in question: registers that are not given can be anything. */
export interface Question {
  readonly name?: string;
  /** As in seccomp_data.nr. */
  readonly number: number;
  readonly abi: AbiName;
  readonly args?: readonly (bigint | undefined)[];
}

/** A call as it was written; undefined when its ABI has no such call. */
export function questionOf({ name, number, abi, args }: ParsedCall): Question | undefined {
  return number === undefined ? undefined : { number, abi, args, ...(name === undefined ? {} : { name }) };
}

/** What a policy answers: one action, or one for each case of the arguments that are not given. */
export interface Answer {
  readonly verdict: Verdict;
  /** The one action; undefined when arguments decide. */
  readonly action?: Action;
  readonly cases?: readonly Case[];
}

/** The decision of a policy for a number, before its arguments are looked at. */
export function decisionOf(policy: Policy, { abi, number }: Pick<Question, 'abi' | 'number'>): Decision {
  const { auditArch } = abiOf(abi);
  const section = policy.sections.find((candidate) => candidate.auditArch === auditArch);
  return section === undefined ? leaf(policy.otherArch) : decisionFor(section, number);
}

/** What a policy answers to a call, as far as it is given. */
export function answer(policy: Policy, question: Question): Answer {
  return answerTo(decisionOf(policy, question), question);
}

/** As {@link answer}, for the decision of the call's number. */
export function answerTo(decision: Decision, question: Question): Answer {
  const left = restrict(decision, question.args ?? []);
  if (left.kind === 'leaf') return { verdict: verdictOf(left.action, question.abi), action: left.action };
  return { verdict: { action: 'BY_ARGUMENTS' }, cases: casesOf(left, wordsFor(question)) };
}

/** Names and values of a call's arguments as strace prints them. */
export function wordsFor({ name, abi, args = [] }: Question): ArgumentWords {
  const signature = name === undefined ? undefined : signatureOf(name, abi);
  return {
    name: (index) => signature?.args[index]?.name ?? `arg${index}`,
    value: (index, value) => {
      const registers = [...args];
      registers[index] = value;
      return argumentText(name, abi, index, registers);
    },
    bits: registerBits(abiOf(abi)),
  };
}

import { decide } from '../policy/decide.js';
import type { Policy } from '../policy/policy.js';
import type { AbiName } from '../syscalls/abi.js';
import { abiOfCall } from '../syscalls/abis.js';
import { argumentText } from '../syscalls/callText.js';
import { signatureOf } from '../syscalls/signature.js';
import { syscallName } from '../syscalls/table.js';
import type { Reason } from './explanation.js';
import type { FilterPrediction } from './predict.js';
import { decisiveReason } from './reasons.js';
import { type Verdict, verdictOf } from './verdict.js';

/** A call that a filter denied, as it was made. */
export interface DeniedCall {
  readonly auditArch: number;
  readonly number: number;
  readonly args: readonly bigint[];
  /** Text that arguments point to. */
  readonly strings: readonly { readonly index: number; readonly text: string; readonly truncated: boolean }[];
}

/** An argument of a denied call, in words where there are any. */
export interface DescribedArgument {
  readonly name: string;
  readonly value: bigint;
  readonly text: string;
  /** The text was read from the caller's memory, which its other threads write to: no verdict depends on it. */
  readonly mayHaveChanged?: true;
}

/** A denied call in words, with the rule that denied it. */
export interface DescribedDenial {
  readonly abi: AbiName;
  readonly name?: string;
  readonly args: readonly DescribedArgument[];
  /** As strace would print it, without the result. */
  readonly text: string;
  readonly verdict: Verdict;
  /** The rule that decided; absent for a filter without a profile. */
  readonly rule?: Reason;
}

/** A denied call in words, with the rule that denied it. */
export function describeDenial(
  call: DeniedCall,
  policy: Policy,
  prediction?: FilterPrediction,
): DescribedDenial {
  const { auditArch, number } = call;
  // A filter that denies an unknown arch kills; what a supervisor hears of has one.
  const abi = abiOfCall(auditArch, number) ?? 'x86_64';
  const name = syscallName(number, abi);
  const args = argumentsOf(call, name, abi);
  const action = decide(policy, call);
  const question = { number, abi, args: call.args, ...(name === undefined ? {} : { name }) };
  const rule = prediction === undefined ? undefined : decisiveReason(prediction, question, action);
  return {
    abi,
    ...(name === undefined ? {} : { name }),
    args,
    text: `${name ?? `syscall_0x${number.toString(16)}`}(${args.map(({ text }) => text).join(', ')})`,
    verdict: verdictOf(action, abi),
    ...(rule === undefined ? {} : { rule }),
  };
}

function argumentsOf(
  { args, strings }: DeniedCall,
  name: string | undefined,
  abi: AbiName,
): DescribedDenial['args'] {
  const signature = name === undefined ? undefined : signatureOf(name, abi);
  const count = signature?.args.length ?? 6;
  return args.slice(0, count).flatMap((value, index) => {
    const argument = signature?.args[index];
    if (argument?.kind === 'padding') return [];
    const read = strings.find((entry) => entry.index === index);
    const text =
      read === undefined
        ? argumentText(name, abi, index, args)
        : `${quoted(read.text)}${read.truncated ? '…' : ''}`;
    return [
      {
        name: argument?.name ?? `arg${index}`,
        value,
        text,
        ...(read === undefined ? {} : { mayHaveChanged: true }),
      },
    ];
  });
}

/** As strace quotes: a program controls this text, so no control character may reach a terminal. */
export function quoted(text: string): string {
  return escapeUnseen(JSON.stringify(text));
}

/** Controls beyond ASCII, marks without a shape and turns of direction; and what GitHub's runner takes for a command in the midst of a line. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|#(?=#\[)/g;

/** The same JSON, in which nothing is hidden from who reads it. */
export function escapeUnseen(json: string): string {
  return json.replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The executable's last name: as it is where that is plain, else quoted. */
export function programWord(exe: string): string {
  const name = exe.split('/').at(-1) ?? exe;
  return /^[\w.+-]+$/.test(name) ? name : quoted(name);
}

import type { Reason } from '../../explain/explanation.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import { why } from '../../explain/why.js';
import type { AbiName } from '../../syscalls/abi.js';
import { parseCall } from '../../syscalls/call.js';
import { formatCall } from '../../syscalls/callText.js';
import { purposeOf } from '../../syscalls/purpose.js';
import { signatureOf } from '../../syscalls/signature.js';
import { predicted } from './prediction.js';
import { type RemedyView, remedyView } from './remedy.js';
import { type RuleText, ruleTexts } from './ruleText.js';
import { kindOf } from './verdictKind.js';
import type { VerdictKind } from './verdictKinds.js';
import type { ContextWords } from './words.js';

/** All that there is to say about a call in a context. */
export interface CellReply {
  readonly call: string;
  /** Absent for a number without a name. */
  readonly name?: string;
  readonly number?: number;
  readonly abi: AbiName;
  /** `int clone3(struct clone_args *uargs, size_t size)`, without types that are not known. */
  readonly signature?: string;
  readonly purpose?: string;
  readonly risk?: string;
  readonly kind: VerdictKind;
  readonly word: string;
  /** What the program sees, where that is not the verdict. */
  readonly then?: string;
  readonly cases: readonly CaseView[];
  readonly reasons: readonly Reason[];
  readonly remedies: readonly RemedyView[];
  readonly history?: string;
  readonly rules: readonly RuleText[];
}

export interface CaseView {
  readonly kind: VerdictKind;
  readonly word: string;
  readonly when: string;
}

/** @throws CallgateError for a call that cannot be read, and for words as predicted() */
export async function cellOf(words: ContextWords, text: string): Promise<CellReply> {
  const { resolved, prediction } = await predicted(words);
  const { context } = resolved;
  const call = parseCall(text, context.arch);
  const { verdict, cases, effect, loadError, unknown, reasons, remedies, history } = await why(call, context);
  const about = call.name === undefined ? undefined : purposeOf(call.name);
  const then =
    effect?.by === 'kernel' && effect.result !== 'runs' ? `then ${effect.result} from the kernel` : undefined;
  return {
    call: formatCall(call, context.arch),
    ...(call.name === undefined ? {} : { name: call.name }),
    ...(call.number === undefined ? {} : { number: call.number }),
    abi: call.abi,
    ...signature(call.name, call.abi),
    ...(about === undefined ? {} : { purpose: about.purpose }),
    ...(about?.risk === undefined ? {} : { risk: about.risk }),
    kind: verdict === undefined ? 'none' : kindOf(verdict),
    word:
      verdict === undefined
        ? (wordWithout(loadError, unknown) ?? effect?.result ?? '')
        : verdictWord(verdict),
    ...(then === undefined ? {} : { then }),
    cases: (cases ?? []).map(({ when, action }) => ({
      ...shown(verdictOf(action, call.abi)),
      when: when.join(' or '),
    })),
    reasons,
    remedies: remedies.map(remedyView),
    ...(history === undefined ? {} : { history: history.text }),
    rules: call.name === undefined ? [] : ruleTexts(prediction, call.name, words.profile?.text),
  };
}

function wordWithout(loadError: string | undefined, unknown: string | undefined): string | undefined {
  if (loadError !== undefined) return 'no container starts';
  return unknown === undefined ? undefined : 'not known';
}

function shown(verdict: Parameters<typeof kindOf>[0]): { readonly kind: VerdictKind; readonly word: string } {
  return { kind: kindOf(verdict), word: verdictWord(verdict) };
}

function signature(name: string | undefined, abi: AbiName): { readonly signature?: string } {
  const found = name === undefined ? undefined : signatureOf(name, abi);
  if (found === undefined) return {};
  const args = found.args.filter(({ kind }) => kind !== 'padding').map((arg) => arg.name);
  return { signature: `${name}(${args.join(', ')})` };
}

import { loadDefaults } from '../../engine/defaults.js';
import { type Fix, fix, type ProvedRemedy } from '../../explain/fix.js';
import type { FilterPrediction } from '../../explain/predict.js';
import { predictWith } from '../../explain/predict.js';
import { type FormName, formNames, formOf } from '../../explain/remedies/forms.js';
import { wideningLines } from '../../explain/summaryOfWidening.js';
import { type Usable, usable } from '../../explain/usable.js';
import { verdictWord } from '../../explain/verdict.js';
import { formatCall } from '../../syscalls/callText.js';
import { type Diagnosis, diagnose } from './diagnose.js';
import { predicted } from './prediction.js';
import { type RemedyView, remedyView } from './remedy.js';
import { kindOf } from './verdictKind.js';
import type { VerdictKind } from './verdictKinds.js';
import type { ContextWords } from './words.js';

/** What a pasted text comes down to, and the ways out. */
export interface FixReply extends Pick<Diagnosis, 'source' | 'symptoms' | 'remarks' | 'words'> {
  readonly calls: readonly FixedView[];
  readonly remedies: readonly ProvedView[];
}

export interface FixedView {
  readonly call: string;
  readonly kind: VerdictKind;
  readonly word: string;
  readonly denied: boolean;
  /** Its callers cope with the refusal. */
  readonly harmless: boolean;
}

export interface ProvedView extends RemedyView {
  /** Everything that it opens; what is not in here does not get further, which is proved. */
  readonly widens: readonly string[];
  /** Calls that get less far. */
  readonly narrows: readonly string[];
  readonly forms: Readonly<Partial<Record<FormName, string>>>;
  /** The whole profile with the change made. */
  readonly profile?: string;
}

const FILE = 'fixed.json';

/** @throws CallgateError as diagnose(), and when no container starts */
export async function fixOf(words: ContextWords, text: string): Promise<FixReply> {
  const found = await diagnose(words, text);
  const { prediction: before, context } = await usableFor(found);
  const { source, symptoms, remarks, words: there } = found;
  const told = { source, symptoms, words: there };
  if (before === undefined) {
    return {
      ...told,
      remarks: [...remarks, 'there is no filter here: seccomp denies nothing'],
      calls: [],
      remedies: [],
    };
  }
  const named = found.calls.filter(({ number }) => number !== undefined);
  const result: Fix = await fix(before, named, { leaveHarmless: source === 'report' });
  return {
    ...told,
    remarks,
    calls: result.calls.map(({ call, answer, denied, harmless }) => ({
      call: formatCall(call, context.arch),
      kind: kindOf(answer.verdict),
      word: verdictWord(answer.verdict),
      denied,
      harmless,
    })),
    remedies: result.remedies.map((remedy) => provedView(remedy, before)),
  };
}

/** A report tells the bounding set itself. */
async function usableFor({ words, capabilities }: Diagnosis): Promise<Usable> {
  const { prediction, resolved } = await predicted(words);
  if (capabilities === undefined) return usable(prediction, resolved.notes);
  const context = { ...resolved.context, capabilities };
  return usable(predictWith(context, await loadDefaults(context.engine.name)), resolved.notes);
}

function provedView(remedy: ProvedRemedy, { context }: FilterPrediction): ProvedView {
  const { change, widening } = remedy;
  const forms = formNames.flatMap((form) => {
    const text = formOf(form, change, FILE, context);
    return text === undefined ? [] : [[form, text]];
  });
  return {
    ...remedyView(remedy),
    widens: wideningLines(widening),
    narrows: widening.narrowed.filter(({ abi }) => abi === context.arch).map(({ syscall }) => syscall),
    forms: Object.fromEntries(forms),
    ...(change.kind === 'profile' ? { profile: change.text } : {}),
  };
}

import { CallgateError } from '../../../error.js';
import type { Explanation } from '../../../explain/explanation.js';
import { askedCall, findSymptoms, type Symptom } from '../../../explain/symptoms.js';
import type { ParsedCall } from '../../../syscalls/call.js';
import type { ContextFlags, Subject } from '../../context/contextFlags.js';
import { namesContainer } from '../../context/namesContainer.js';
import { symptomsJson } from '../../output/symptomText.js';

export { symptomsText } from '../../output/symptomText.js';

/** What a text comes down to. */
export interface Cause {
  readonly symptoms: readonly Symptom[];
  /** The first symptom's call; absent when no call was denied. */
  readonly call?: ParsedCall;
  readonly notes: readonly string[];
}

/** @throws CallgateError `INPUT` when the text points to no cause */
export async function findCause(
  text: string,
  { kind, resolved }: Subject,
  flags: ContextFlags,
): Promise<Cause> {
  const { context } = resolved;
  const isGiven = kind === 'context' && namesContainer(flags);
  const symptoms = await findSymptoms(text, context.arch, isGiven ? context : undefined);
  const [first] = symptoms;
  if (first === undefined) {
    throw new CallgateError('INPUT', 'nothing in this text points to a system call or to seccomp', {
      hint: 'callgate run -- COMMAND shows what is denied; so does strace -f, whose lines can be given here',
    });
  }
  const call = askedCall(first, context.arch);
  return {
    symptoms,
    ...(call === undefined ? {} : { call }),
    notes: isGiven ? [] : ['where the message was seen is not given: name it with --engine and the like'],
  };
}

/** What a text adds to the JSON of a call. */
export function causeJson({ symptoms }: Cause, explanation: Explanation | undefined): object {
  const [first] = symptoms;
  if (explanation !== undefined || first === undefined) return { symptoms: symptomsJson(symptoms) };
  const { cause, source } = first;
  return {
    symptoms: symptomsJson(symptoms),
    reasons: [{ stage: 'runtime', text: cause, source }],
    remedies: [],
  };
}

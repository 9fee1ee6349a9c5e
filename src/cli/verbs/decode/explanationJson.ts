import { casesJson, contextJson } from '../../output/json.js';
import type { RecordExplanation } from './explainRecord.js';

const written = new WeakMap<object, string>();

/** What `why` says, as a member of a record's JSON object, without the braces. */
export function explanationJson({ explanation, disagreement }: RecordExplanation): string {
  const { call, context, cases, history: _, ...rest } = explanation;
  let text = written.get(explanation);
  if (text === undefined) {
    const value = {
      context: contextJson(context),
      ...rest,
      ...(cases === undefined ? {} : { cases: casesJson(cases, call.abi) }),
    };
    text = JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'bigint' ? `0x${part.toString(16)}` : part,
    );
    written.set(explanation, text);
  }
  const against = disagreement === undefined ? '' : `,"disagreement":${JSON.stringify(disagreement)}`;
  return `"explanation":${text}${against}`;
}

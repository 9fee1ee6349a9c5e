import type { Context } from '../engine/context.js';
import { CallgateError } from '../error.js';
import type { Policy } from '../policy/policy.js';
import type { ParsedCall } from '../syscalls/call.js';
import { answer, type Question, questionOf } from './answer.js';
import { withoutForeignByteOrder } from './byteOrder.js';
import { kernelReason, libcReasons } from './effect.js';
import type { Effect, Explanation, Reason, Remedy } from './explanation.js';
import { historyOf } from './history.js';
import { allLayers, effectThrough } from './layers/all.js';
import type { LayerFacts } from './layers/facts.js';
import { type FilterPrediction, type LoadErrorPrediction, type Prediction, predict } from './predict.js';
import { filterReasons } from './reasons.js';
import { remediesFor } from './remedies/remedies.js';
import { verdictOf, verdictWord } from './verdict.js';

/**
 * What happens to a call in a context, and why.
 *
 * @param facts of the host and the container, for the layers behind the filter; what is not known is said as a condition
 * @throws CallgateError `UNKNOWN` for a release that the data does not hold
 * @example
 * const { verdict } = await why(parseCall('clone3', 'x86_64'), context);
 */
export async function why(call: ParsedCall, context: Context, facts: LayerFacts = {}): Promise<Explanation> {
  const prediction = await predict(context);
  const asked = questionOf(call);
  if (asked === undefined) return absentCall(call, prediction);
  switch (prediction.kind) {
    case 'filter':
      return explainFilter(call, asked, prediction, facts);
    case 'unconfined':
      return explainUnconfined(call, asked, prediction, facts);
    case 'loadError': {
      return {
        call,
        context,
        loadError: prediction.message,
        reasons: loadReasons(prediction, asked),
        remedies: [],
      };
    }
    case 'unknown':
      return {
        call,
        context,
        unknown: prediction.message,
        reasons: [{ stage: 'runtime', text: prediction.message }],
        remedies: [],
      };
  }
}

/**
 * As {@link why}, for a filter as it is: what it answers is known, who wrote it so is not.
 *
 * @param context of kind `filter`
 */
export function whyFilter(call: ParsedCall, context: Context, policy: Policy): Explanation {
  const asked = questionOf(call);
  if (asked === undefined) return absentCall(call, { context });
  const found = answer(policy, asked);
  const name = context.seccomp.kind === 'filter' ? context.seccomp.name : 'the filter';
  return {
    call,
    context,
    verdict: found.verdict,
    ...(found.cases === undefined ? {} : { cases: found.cases }),
    effect: effectThrough(found, asked, context.kernel, []),
    reasons: [
      { stage: 'kernel', text: `${name} answers: ${verdictWord(found.verdict)}` },
      ...kernelReason(asked, context.kernel),
      ...(found.action === undefined ? [] : libcReasons(found.action, asked)),
    ],
    remedies: [],
  };
}

function loadReasons(prediction: LoadErrorPrediction, question: Question): readonly Reason[] {
  const { stage, message, reason, at } = prediction;
  const source = at === undefined ? {} : { source: `${at.file}:${at.line}:${at.column}` };
  const own: Reason = { stage, text: reason === undefined ? message : `${message}: ${reason}`, ...source };
  const rest = withoutForeignByteOrder(prediction);
  if (rest === undefined) return [own];
  const then = verdictWord(answer(rest.prediction.policy, question).verdict);
  return [
    own,
    { stage, text: `without ${rest.architectures.join(', ')} it would load, and the call would be: ${then}` },
  ];
}

function absentCall(call: ParsedCall, { context }: Pick<Prediction, 'context'>): Explanation {
  const text = `${call.abi} has no call named ${call.name}: no program can make it there`;
  const effect: Effect = { result: 'no such call', by: 'kernel' };
  return { call, context, effect, reasons: [{ stage: 'kernel', text }], remedies: [] };
}

async function explainFilter(
  call: ParsedCall,
  question: Question,
  prediction: FilterPrediction,
  facts: LayerFacts,
): Promise<Explanation> {
  const { context } = prediction;
  const found = answer(prediction.policy, question);
  const { action } = found;
  const reasons = [
    ...filterReasons(prediction, question, action),
    ...kernelReason(question, context.kernel),
    ...(action === undefined ? [] : libcReasons(action, question)),
  ];
  const runs = action?.kind === 'allow' || action?.kind === 'log';
  const history = await historyOf(context, question);
  const layers = allLayers(found, question, context, facts);
  return {
    call,
    context,
    verdict: found.verdict,
    ...(found.cases === undefined ? {} : { cases: found.cases }),
    effect: effectThrough(found, question, context.kernel, layers),
    layers,
    reasons,
    remedies: runs ? [] : await remediesOrNone(prediction, question, reasons, facts),
    ...(history === undefined ? {} : { history }),
  };
}

/** The remedy without what only `fix` needs. */
function told({ kind, title, verdict, opens, patch, note }: Remedy): Remedy {
  return {
    kind,
    title,
    verdict,
    opens,
    ...(patch === undefined ? {} : { patch }),
    ...(note === undefined ? {} : { note }),
  };
}

/** The verdict stands where what a remedy would open cannot be told; then a reason says so, and none is offered. */
async function remediesOrNone(
  prediction: FilterPrediction,
  question: Question,
  reasons: Reason[],
  facts: LayerFacts,
): Promise<readonly Remedy[]> {
  try {
    return (await remediesFor(prediction, [question], facts)).map(told);
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    reasons.push({ stage: 'profile', text: `no remedy can be weighed: ${error.message}` });
    return [];
  }
}

function explainUnconfined(
  call: ParsedCall,
  question: Question,
  prediction: Extract<Prediction, { kind: 'unconfined' }>,
  facts: LayerFacts,
): Explanation {
  const { context, stage, reason } = prediction;
  const action = { kind: 'allow' } as const;
  const verdict = verdictOf(action, question.abi);
  const layers = allLayers({ action, verdict }, question, context, facts);
  return {
    call,
    context,
    verdict,
    effect: effectThrough({ action, verdict }, question, context.kernel, layers),
    layers,
    reasons: [{ stage, text: `no filter: ${reason}` }, ...kernelReason(question, context.kernel)],
    remedies: [],
  };
}

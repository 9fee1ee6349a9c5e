import { type Answer, answer, type Question } from '../answer.js';
import type { Remedy } from '../explanation.js';
import type { LayerFacts } from '../layers/facts.js';
import { behindFilter, behindText } from '../layers/next.js';
import { opens } from '../opens.js';
import type { FilterPrediction, Prediction } from '../predict.js';
import { type Verdict, verdictWord } from '../verdict.js';
import { isBetter } from './betterAnswer.js';
import type { Candidate, Change } from './candidate.js';
import { capabilityCandidates } from './capabilities.js';
import { openProfile } from './editor.js';
import { imageCandidates } from './images.js';
import { engineCandidates, libseccompCandidates, runtimeCandidates } from './releases.js';
import { ruleCandidates } from './rules.js';

/** A remedy with what it changes and what the container gets with it. */
export interface SimulatedRemedy extends Remedy {
  readonly change: Change;
  readonly after: Prediction;
  /** What each call gets, in the order of the questions. */
  readonly verdicts: readonly Verdict[];
}

/**
 * Ways out for denied calls, the one that opens least first and unconfined last. Each is simulated in the same
 * context: one that does not help with all calls is not listed, and what it opens beside them is counted. Where another
 * layer denies the call all the same, the remedy's note says so.
 *
 * @param most no more than these are told, those that open least
 */
export async function remediesFor(
  before: FilterPrediction,
  questions: readonly Question[],
  facts: LayerFacts = {},
  most: number = Number.POSITIVE_INFINITY,
): Promise<readonly SimulatedRemedy[]> {
  const was = questions.map((question) => answer(before.policy, question));
  const answers = (after: Prediction): readonly Answer[] | undefined =>
    after.kind === 'filter' ? questions.map((question) => answer(after.policy, question)) : undefined;
  const helps = (after: Prediction): boolean =>
    answers(after)?.every((now, index) => {
      const [old, question] = [was[index], questions[index]];
      return old !== undefined && question !== undefined && isBetter(old, now, question);
    }) === true;
  const simulated = (candidate: Candidate, verdicts: readonly Verdict[]): SimulatedRemedy => {
    const calls = opens(before, candidate.after, before.context.arch);
    const [verdict = UNCONFINED] = verdicts;
    const note = noteOf(candidate, verdicts, questions, facts);
    return {
      ...candidate,
      ...(note === undefined ? {} : { note }),
      verdict,
      verdicts,
      opens: { count: calls.length, calls },
    };
  };
  const editable = before.context.seccomp.kind !== 'filter';
  const candidates = [
    ...(editable ? ruleCandidates(before, await openProfile(before), questions, was) : []),
    ...(await capabilityCandidates(before, questions)),
    ...(await libseccompCandidates(before, questions, helps)),
    ...(await engineCandidates(before, helps)),
    ...(await runtimeCandidates(before, questions, helps)),
    ...imageCandidates(before, questions, was),
  ]
    // With another image the calls are not made, so their verdicts may stay.
    .filter(({ kind, after }) => kind === 'image' || helps(after))
    .map((candidate) => simulated(candidate, answers(candidate.after)?.map(({ verdict }) => verdict) ?? []));
  const sorted = candidates.sort((a, b) => a.opens.count - b.opens.count).slice(0, most);
  if (sorted.length >= most) return sorted;
  const last = simulated(
    unconfined(before),
    questions.map(() => UNCONFINED),
  );
  return [...sorted, last];
}

/** A remedy for the filter alone is no remedy where the kernel goes on to say no. */
function noteOf(
  { kind, note, after }: Candidate,
  verdicts: readonly Verdict[],
  questions: readonly Question[],
  facts: LayerFacts,
): string | undefined {
  if (kind === 'image') return note;
  const walls = questions.flatMap((question, index) => {
    const action = verdicts[index]?.action;
    const runs = action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG';
    const behind = runs ? behindFilter(question, after.context, facts) : undefined;
    if (behind === undefined) return [];
    const call = questions.length > 1 ? `${question.name ?? question.number}: ` : '';
    return [
      `${call}${behind.denier === undefined ? '' : 'not enough by itself; '}then ${behindText(behind)}`,
    ];
  });
  const all = [...new Set([...walls, ...(note === undefined ? [] : [note])])];
  return all.length === 0 ? undefined : all.join('; ');
}

const UNCONFINED: Verdict = { action: 'SCMP_ACT_ALLOW' };

function unconfined({ context }: FilterPrediction): Candidate {
  return {
    kind: 'unconfined',
    title: 'no filter at all: --security-opt seccomp=unconfined',
    patch: '--security-opt seccomp=unconfined',
    change: { kind: 'unconfined' },
    after: { kind: 'unconfined', context, stage: 'engine', reason: 'no filter' },
  };
}

/** A remedy in one line. */
export function remedyText({ title, verdict, opens: { count } }: Remedy): string {
  return `${title} → ${verdictWord(verdict)}; opens ${count === 0 ? 'no other call' : `${count} call${count === 1 ? '' : 's'}`}`;
}

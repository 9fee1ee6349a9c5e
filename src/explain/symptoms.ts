import type { Context } from '../engine/context.js';
import type { AbiName } from '../syscalls/abi.js';
import { abi as abiOf, abis, subAbisDocker } from '../syscalls/abis.js';
import { type ParsedCall, parseCall } from '../syscalls/call.js';
import { answer } from './answer.js';
import { type Prediction, predict } from './predict.js';
import { type Candidate, candidatesIn } from './symptoms/candidates.js';
import { cataloguedSymptoms, catalogueOf } from './symptoms/catalogue.js';
import { type Verdict, verdictWord } from './verdict.js';

/** A cause that a message may come down to, in a context. */
export interface Symptom extends Candidate {
  /** What the context answers to the call; absent without a context, without a call, or when no container starts. */
  readonly verdict?: Verdict;
  /** Why this cannot be, or is unlikely to be, the cause in this context. */
  readonly objection?: string;
}

const catalogue = catalogueOf(cataloguedSymptoms);

/**
 * What an error message, a line of strace or of an audit log, or a whole log comes down to; the likeliest cause first.
 *
 * @param abi of programs that the text does not tell the architecture of
 * @param context where the message was seen: causes that it rules out come last and say so
 * @example (await findSymptoms('get_mempolicy: Operation not permitted', 'x86_64'))[0]?.call // 'get_mempolicy'
 */
export async function findSymptoms(
  text: string,
  abi: AbiName,
  context?: Context,
): Promise<readonly Symptom[]> {
  const candidates = candidatesIn(text, catalogue, abi);
  if (context === undefined) return candidates;
  const prediction = await predict(context);
  // A far-fetched call must not come first only because the likely one is allowed.
  const least = 0.5 * (candidates[0]?.confidence ?? 0);
  const judged = candidates
    .filter(({ confidence }) => confidence >= least)
    .map((candidate) => judge(candidate, prediction));
  return [0, 1, 2].flatMap((rank) => judged.filter((one) => one.rank === rank).map(({ symptom }) => symptom));
}

interface Judged {
  readonly symptom: Symptom;
  /** 0: can be the cause, 1: unlikely, 2: the call is allowed. */
  readonly rank: 0 | 1 | 2;
}

function judge(candidate: Candidate, prediction: Prediction): Judged {
  const call = askedCall(candidate, prediction.context.arch);
  if (call?.number === undefined || prediction.kind === 'loadError' || prediction.kind === 'unknown') {
    return { symptom: candidate, rank: 0 };
  }
  if (prediction.kind === 'unconfined') return allowed(candidate, { action: 'SCMP_ACT_ALLOW' });
  const { number, abi, args, name } = call;
  const { verdict } = answer(prediction.policy, {
    number,
    abi,
    args,
    ...(name === undefined ? {} : { name }),
  });
  if (verdict.action === 'SCMP_ACT_ALLOW' || verdict.action === 'SCMP_ACT_LOG')
    return allowed(candidate, verdict);
  // Libraries fall back on ENOSYS, so a message that EPERM leads to has another cause there.
  if (verdict.errno === 'ENOSYS' && candidate.errno?.startsWith('EPERM') === true) {
    const objection = `this context answers ${verdictWord(verdict)}, on which libraries take another call`;
    return { symptom: { ...candidate, verdict, objection }, rank: 1 };
  }
  return { symptom: { ...candidate, verdict }, rank: 0 };
}

function allowed(candidate: Candidate, verdict: Verdict): Judged {
  return { symptom: { ...candidate, verdict, objection: 'allowed in this context' }, rank: 2 };
}

/**
 * The call to explain for a symptom, on an ABI that has it: clock_gettime64 is a call of 32-bit programs, so on x86_64 it is
 * asked for x86. Undefined for a cause without a call.
 */
export function askedCall({ call, ask }: Candidate, native: AbiName): ParsedCall | undefined {
  if (call === undefined) return undefined;
  const own = parseCall(ask ?? call, native);
  if (own.number !== undefined || own.abi !== native) return own;
  const others = [...(subAbisDocker.get(native) ?? []), ...abis.map(({ name }) => name)];
  for (const abi of others) {
    const there = parseCall(ask ?? call, abi);
    if (there.number !== undefined && abiOf(abi).name === abi) return there;
  }
  return own;
}

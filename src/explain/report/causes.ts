import { decide } from '../../policy/decide.js';
import type { Policy } from '../../policy/policy.js';
import type { ParsedCall } from '../../syscalls/call.js';
import { type DescribedDenial, describeDenial } from '../denial.js';
import { libcReasons } from '../effect.js';
import type { Reason } from '../explanation.js';
import type { FilterPrediction } from '../predict.js';
import { copesWith } from '../remedies/betterAnswer.js';
import { choosingCall, withoutManyValues } from '../reportCalls.js';
import { type Verdict, verdictWord } from '../verdict.js';
import { type Impact, impactOf } from './impact.js';
import type { Observation, ObservedDenial } from './observed.js';

/** Denied calls that one rule (or the default, or the runtime's stub) answered alike. */
export interface Cause {
  readonly verdict: Verdict;
  /** Who decided; absent for a filter without a profile. */
  readonly rule?: Reason;
  /** Names, the most frequent first; `syscall_0x1c4` for a number without one. */
  readonly syscalls: readonly string[];
  /** What was seen, the most frequent first. */
  readonly kinds: readonly DeniedKind[];
  /** How many calls these were. */
  readonly count: number;
  readonly impact: Impact;
  /** What C libraries and language runtimes do with this answer. */
  readonly reactions: readonly Reason[];
  /** The calls as a remedy must know them: with the arguments that choose what a call does. */
  readonly calls: readonly ParsedCall[];
}

/** One kind of call within a cause. */
export interface DeniedKind {
  /** As strace would print the first one, without the result. */
  readonly text: string;
  readonly count: number;
  readonly exe: string | undefined;
  readonly pid: number;
}

const ORDER: readonly Impact['kind'][] = ['last', 'unknown', 'went-on', 'falls-back'];

/**
 * Denied calls grouped by what denied them: the rule, its answer, and whether callers are known to cope. Those that
 * matter most come first, the more frequent ones before the rarer.
 */
export function causesOf(
  observation: Observation,
  policy: Policy,
  prediction?: FilterPrediction,
): readonly Cause[] {
  const groups = new Map<string, Member[]>();
  for (const denial of observation.denials) {
    const member = memberOf(denial, policy, prediction);
    const { rule, verdict } = member.described;
    const deciding = rule?.rule === undefined ? rule?.text : `rule ${rule.rule}`;
    const key = JSON.stringify([rule?.stage, deciding, verdictWord(verdict), member.copes]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups.values()]
    .map((group) => causeOf(group, observation, prediction))
    .sort((a, b) => ORDER.indexOf(a.impact.kind) - ORDER.indexOf(b.impact.kind) || b.count - a.count);
}

interface Member {
  readonly denial: ObservedDenial;
  readonly described: DescribedDenial;
  readonly copes: boolean;
  readonly reactions: readonly Reason[];
}

function memberOf(denial: ObservedDenial, policy: Policy, prediction: FilterPrediction | undefined): Member {
  const described = describeDenial(denial, policy, prediction);
  const { abi, name, verdict } = described;
  const question = { abi, number: denial.number, ...(name === undefined ? {} : { name }) };
  return {
    denial,
    described,
    copes: copesWith(verdict, question),
    reactions: libcReasons(decide(policy, denial), question),
  };
}

function causeOf(
  members: readonly Member[],
  observation: Observation,
  prediction: FilterPrediction | undefined,
): Cause {
  const sorted = [...members].sort((a, b) => b.denial.count - a.denial.count);
  const [first] = sorted;
  if (first === undefined) throw new RangeError('a cause has a member');
  const syscalls = [...new Set(sorted.map(({ described }) => nameOf(described)))];
  const rule = ruleOf(sorted, syscalls, prediction);
  const calls = new Map(sorted.map(({ denial, described }) => callEntry(denial, described)));
  const reactions = new Map(
    sorted.flatMap(({ reactions: own }) => own.map((one) => [one.text, one] as const)),
  );
  return {
    verdict: first.described.verdict,
    ...(rule === undefined ? {} : { rule }),
    syscalls,
    kinds: sorted.map(({ denial: { count, exe, pid }, described: { text } }) => ({ text, count, exe, pid })),
    count: sorted.reduce((sum, { denial }) => sum + denial.count, 0),
    impact: impactOf(
      sorted.map(({ denial }) => denial),
      first.copes,
      observation,
    ),
    reactions: [...reactions.values()],
    calls: withoutManyValues([...calls.values()]),
  };
}

const nameOf = ({ text }: DescribedDenial): string => text.slice(0, text.indexOf('('));

/** The rule's own words where they are about all of the calls, else words for all of them. */
function ruleOf(
  members: readonly Member[],
  syscalls: readonly string[],
  prediction: FilterPrediction | undefined,
): Reason | undefined {
  const rule = members[0]?.described.rule;
  if (rule?.rule === undefined || members.every(({ described }) => described.rule?.text === rule.text))
    return rule;
  const [word, profile] = [
    verdictWord(members[0]?.described.verdict ?? { action: 'SCMP_ACT_ERRNO' }),
    prediction?.profile.source,
  ];
  return { ...rule, text: `syscalls[${rule.rule}] of ${profile} names ${syscalls.join(', ')}: ${word}` };
}

function callEntry(
  { number }: ObservedDenial,
  { abi, name, args }: DescribedDenial,
): readonly [string, ParsedCall] {
  const values = new Map(args.map((arg) => [arg.name, arg.value]));
  const call = choosingCall({ abi, number, ...(name === undefined ? {} : { name }) }, (argument) =>
    values.get(argument),
  );
  return [`${abi} ${number} ${call.args.join()}`, call];
}

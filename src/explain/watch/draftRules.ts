import { type Action, sameAction } from '../../policy/action.js';
import { foldDecision } from '../../policy/fold.js';
import type { Policy } from '../../policy/policy.js';
import type { OciArg } from '../../profile/argument.js';
import type { Condition, Profile, ProfileRule } from '../../profile/profile.js';
import { callsUnderFilter } from '../../runtime/needs.js';
import { EPERM, makeAction } from '../../runtime/words.js';
import type { AbiName } from '../../syscalls/abi.js';
import { syscallsOf } from '../../syscalls/table.js';
import { decisionOf } from '../answer.js';
import type { FilterPrediction } from '../predict.js';
import { newRule } from '../remedies/editor.js';
import { defaultActionOf } from '../say/spelling.js';
import { abisOf } from '../summary.js';

/** A profile on its way to one that notifies. */
export interface Draft {
  readonly before: FilterPrediction;
  readonly profile: Profile;
  /** Indices of rules that this container does not get. */
  readonly idle: ReadonlySet<number>;
  /** Whether naming a call would move runc's ENOSYS stub. */
  readonly movesStub: (name: string) => boolean;
}

/** The action whose calls go to the agent. */
export const NOTIFY = 'SCMP_ACT_NOTIFY';

/** A rule of such a profile. */
export interface DraftRule {
  readonly rule: ProfileRule;
  /** Made for the agent. */
  readonly added: boolean;
}

/** The profile's rules, refusals handed to the agent, and behind them what the default action denies. */
export function rulesWithout(
  { before, profile, idle, movesStub }: Draft,
  left: ReadonlySet<string>,
): readonly DraftRule[] {
  const fallback = defaultActionOf(before);
  const stays = (name: string): boolean => left.has(name) || callsUnderFilter.has(name);
  const own = profile.rules.flatMap((rule, index): readonly DraftRule[] => {
    const action = refusalOf(rule);
    // A rule with the default action has no effect in runtimes; with another action it would get one.
    if (idle.has(index) || action === undefined || sameAction(action, fallback))
      return [{ rule, added: false }];
    return handedOver(rule, stays);
  });
  if (fallback.kind !== 'errno') return own;
  const names = deniedNames(before).filter(
    (name) => !stays(name) && !movesStub(name) && !mayGetOtherErrno(profile, name, fallback),
  );
  const conditional = names.filter((name) =>
    profile.rules.some((rule) => rule.args.length > 0 && namesOf(rule).includes(name)),
  );
  const plain = names.filter((name) => !conditional.includes(name));
  return [
    ...own,
    ...conditional.map((name) => ({ rule: newRule([name], NOTIFY, { args: [ALWAYS] }), added: true })),
    ...(plain.length === 0 ? [] : [{ rule: newRule(plain, NOTIFY), added: true }]),
  ];
}

/**
 * Always true, and the last comparison that libseccomp asks: arguments from high to low, of one argument GT and GE after
 * all others, of these the largest datum first (db.c). A rule without comparisons would take the place of the others.
 */
const ALWAYS: OciArg = { index: 0, value: 0n, valueTwo: 0n, op: 'SCMP_CMP_GE' };

function handedOver(rule: ProfileRule, stays: (name: string) => boolean): readonly DraftRule[] {
  const names = namesOf(rule);
  const [kept, given] = [names.filter(stays), names.filter((name) => !stays(name))];
  const { name: _, errnoRet: __, errno: ___, ...rest } = rule;
  const notify = { rule: { ...rest, names: given, action: NOTIFY }, added: true };
  if (given.length === 0) return [{ rule, added: false }];
  const { name: ____, ...plain } = rule;
  return kept.length === 0 ? [notify] : [{ rule: { ...plain, names: kept }, added: false }, notify];
}

const namesOf = ({ name, names }: ProfileRule): readonly string[] =>
  name === undefined || name === '' ? names : [name];

/** Undefined for a rule that refuses nothing. An errno by its name (containers-common) is told apart from any number. */
function refusalOf({ action, errnoRet, errno }: ProfileRule): Action | undefined {
  if (action !== 'SCMP_ACT_ERRNO') return undefined;
  return errno === undefined ? makeAction('errno', errnoRet ?? EPERM) : { kind: 'errno', errno: -1 };
}

/** Under other capabilities, architectures or kernels the call may get another errno than the metadata says. */
function mayGetOtherErrno(profile: Profile, name: string, fallback: Action): boolean {
  return profile.rules.some((rule) => {
    const action = refusalOf(rule);
    const differs = action !== undefined && !sameAction(action, fallback);
    return (
      differs && (isCondition(rule.includes) || isCondition(rule.excludes)) && namesOf(rule).includes(name)
    );
  });
}

const isCondition = ({ caps, arches, minKernel }: Condition): boolean =>
  caps.length + arches.length > 0 || minKernel !== undefined;

/** Calls that the container is denied, on one of its ABIs and for some arguments at least. */
function deniedNames({ policy, context }: FilterPrediction): readonly string[] {
  const names = abisOf(policy, context.arch).flatMap((abi) =>
    syscallsOf(abi)
      .filter(({ number }) => has(policy, abi, number, 'errno'))
      .map(({ name }) => name),
  );
  return [...new Set(names)].sort();
}

function has(policy: Policy, abi: AbiName, number: number, kind: Action['kind']): boolean {
  return foldDecision<boolean>(decisionOf(policy, { abi, number }), {
    leaf: (action) => action.kind === kind,
    test: (_, then, otherwise) => then || otherwise,
  });
}

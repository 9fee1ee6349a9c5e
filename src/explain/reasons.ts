import { type Action, sameAction } from '../policy/action.js';
import { compares, type OciArg } from '../profile/argument.js';
import { findBehaviour } from '../runtime/behaviours.js';
import type { ResolvedRule } from '../runtime/result.js';
import type { AbiName } from '../syscalls/abi.js';
import { abi as abiOf } from '../syscalls/abis.js';
import { errnoName } from '../syscalls/constants.js';
import { type Question, wordsFor } from './answer.js';
import type { Reason } from './explanation.js';
import type { FilterPrediction } from './predict.js';
import { conditionText } from './ruleWords.js';
import { verdictOf, verdictWord } from './verdict.js';

/**
 * The chain from the profile's rules to the filter's answer, for one call: rules that name it, rules that the
 * container does not get, and what the runtime does beside them.
 */
export function filterReasons(
  prediction: FilterPrediction,
  question: Question,
  action: Action | undefined,
): readonly Reason[] {
  const rules = rulesFor(prediction, question);
  return [
    ...rules.flatMap((rule) => ruleReason(prediction, question, rule)),
    ...droppedReasons(prediction, question),
    ...defaultReason(prediction, question, rules, action),
    ...stubReasons(prediction, question, action),
  ];
}

/**
 * The one reason that decided a call whose arguments are all known: the stub, the rule with that answer, the rule that
 * this container does not get, or the default.
 */
export function decisiveReason(
  prediction: FilterPrediction,
  question: Question,
  action: Action,
): Reason | undefined {
  if (isStubbed(prediction.runtime.stub, question)) return stubReasons(prediction, question, action)[0];
  const rules = rulesFor(prediction, question).filter(
    (rule) => rule.outcome === 'applied' && sameAction(rule.action, action) && holds(rule, question) === true,
  );
  const [rule] = rules;
  if (rule !== undefined) return ruleReason(prediction, question, rule)[0];
  return droppedReasons(prediction, question)[0] ?? defaultReason(prediction, question, [])[0];
}

/** Whether a rule's comparisons hold for the arguments of the call; undefined where that is left to one that is not given. */
function holds(
  { conditions, multiplexedCall }: ResolvedRule,
  { abi, args = [] }: Question,
): boolean | undefined {
  const compared = (arg: OciArg): boolean | undefined => {
    const register = args[arg.index];
    return register === undefined
      ? undefined
      : compares(atWidth(arg, abi), BigInt.asUintN(widthOf(abi), register));
  };
  if (multiplexedCall !== undefined)
    return compared({ index: 0, op: 'SCMP_CMP_EQ', value: BigInt(multiplexedCall), valueTwo: 0n });
  if (conditions.length === 0) return true;
  const ways = conditions.map((all) => conjunction(all.map(compared)));
  return ways.includes(true) ? true : ways.includes(undefined) ? undefined : false;
}

function conjunction(parts: readonly (boolean | undefined)[]): boolean | undefined {
  return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true;
}

/** libseccomp compares the low half alone on 32-bit ABIs, x32 and n32 among them. */
const widthOf = (abi: AbiName): number => abiOf(abi).bits;

function atWidth(arg: OciArg, abi: AbiName): OciArg {
  const width = widthOf(abi);
  return { ...arg, value: BigInt.asUintN(width, arg.value), valueTwo: BigInt.asUintN(width, arg.valueTwo) };
}

/** Rules that reached this call's number on its ABI, and those that name it and did not. */
function rulesFor({ runtime }: FilterPrediction, { name, number, abi }: Question): readonly ResolvedRule[] {
  return runtime.rules.filter((rule) => {
    if (rule.abi !== undefined && rule.abi !== abi) return false;
    return rule.number === undefined ? rule.name === name : rule.number === number;
  });
}

function ruleReason(prediction: FilterPrediction, question: Question, rule: ResolvedRule): readonly Reason[] {
  const { profile, oci, context } = prediction;
  const origin = oci.syscalls[rule.rule]?.origin;
  const index = origin?.rule ?? rule.rule;
  const source = { ...ruleSource(prediction, index), rule: index };
  const answer = verdictWord(verdictOf(rule.action, question.abi));
  const when =
    rule.multiplexedCall !== undefined
      ? ` when its first argument is ${rule.multiplexedCall} (${rule.name})`
      : rule.conditions.length > 0
        ? ` when ${conditionText(rule.conditions, wordsFor(question))}`
        : '';
  const here = when === '' ? undefined : holds(rule, question);
  const so = here === undefined ? '' : here ? ', which holds here' : ', which does not hold here';
  const says = `syscalls[${index}] of ${profile.source} names ${rule.name}: ${answer}${when}${so}`;
  const library = `libseccomp ${context.libseccomp}`;
  switch (rule.outcome) {
    case 'applied':
      return [{ stage: 'profile', text: says, ...source }];
    case 'unknown-name':
      return [
        {
          stage: 'libseccomp',
          text: `${library} does not know ${rule.name}, so this rule means nothing: ${says}`,
          ...source,
        },
      ];
    case 'not-on-abi':
      return [
        {
          stage: 'libseccomp',
          text: `${library} has no number for ${rule.name} on ${question.abi}, so this rule means nothing there: ${says}`,
          ...source,
        },
      ];
    case 'redundant':
      return [
        {
          stage: 'runtime',
          text: `${context.runtime.name} drops a rule whose action is the default: ${says}`,
          ...source,
        },
      ];
    case 'shadowed':
      return [
        { stage: 'libseccomp', text: `an earlier unconditional rule wins over this one: ${says}`, ...source },
      ];
    case 'covered':
      return [{ stage: 'libseccomp', text: `an earlier rule says the same: ${says}`, ...source }];
    case 'replaced':
      return [
        {
          stage: 'libseccomp',
          text: `a later unconditional rule takes the place of this one: ${says}`,
          ...source,
        },
      ];
  }
}

/** A file's place, or the repository and tag of an engine's own profile. */
function ruleSource({ profile, origin }: FilterPrediction, index: number): { readonly source?: string } {
  const at = profile.locate(['syscalls', index]);
  if (at !== undefined) return { source: `${at.file}:${at.line}:${at.column}` };
  return origin === undefined ? {} : { source: origin };
}

function droppedReasons(prediction: FilterPrediction, { name, abi }: Question): readonly Reason[] {
  const { profile, context } = prediction;
  return prediction.dropped.flatMap(({ rule: index, text }): readonly Reason[] => {
    const rule = profile.rules[index];
    if (rule === undefined || name === undefined) return [];
    if (rule.name !== name && !rule.names.includes(name)) return [];
    const action =
      rule.action === 'SCMP_ACT_ERRNO'
        ? `answers ${errnoName(rule.errnoRet ?? 1, abi) ?? rule.errnoRet}`
        : rule.action === 'SCMP_ACT_ALLOW'
          ? 'allows it'
          : `says ${rule.action}`;
    return [
      {
        stage: 'engine',
        text: `syscalls[${index}] of ${profile.source} ${action}, but ${context.engine.name} leaves it out here: ${text}`,
        ...ruleSource(prediction, index),
        rule: index,
      },
    ];
  });
}

function defaultReason(
  { runtime, policy, oci, profile, origin }: FilterPrediction,
  question: Question,
  rules: readonly ResolvedRule[],
  action?: Action,
): readonly Reason[] {
  const applied = rules.filter(({ outcome }) => outcome === 'applied');
  const decided = applied.map((rule) => ({ rule, here: holds(rule, question) }));
  // The rule that answers is told already.
  if (
    action !== undefined &&
    decided.some(({ rule, here }) => here === true && sameAction(rule.action, action))
  )
    return [];
  if (
    applied.some(
      ({ conditions, multiplexedCall }) => conditions.length === 0 && multiplexedCall === undefined,
    )
  )
    return [];
  if (isStubbed(runtime.stub, question)) return [];
  const known = policy.sections.length > 0;
  if (!known) return [];
  const word = oci.defaultAction.replace('SCMP_ACT_', '');
  const errno =
    word === 'ERRNO' ? ` (${errnoName(oci.defaultErrnoRet ?? 1, question.abi) ?? oci.defaultErrnoRet})` : '';
  const none = decided.every(({ here }) => here === false);
  const who =
    applied.length === 0
      ? 'no rule applies, so'
      : none
        ? 'none of these conditions holds, so'
        : 'where none of these conditions holds';
  const text = `${who} the default action of ${profile.source} answers: ${word}${errno}`;
  return [{ stage: 'profile', text, ...(origin === undefined ? {} : { source: origin }) }];
}

function isStubbed(stub: FilterPrediction['runtime']['stub'], { abi, number }: Question): boolean {
  if (stub === undefined) return false;
  return (
    stub.limits.some((limit) => limit.abi === abi && number > limit.largest) ||
    stub.numbers.some((row) => row.abi === abi && row.number === number)
  );
}

function stubReasons(
  prediction: FilterPrediction,
  question: Question,
  action: Action | undefined,
): readonly Reason[] {
  const { runtime, context, oci } = prediction;
  const { name, version } = context.runtime;
  const source = findBehaviour(name, version, 'enosys-stub')?.source;
  const cited = source === undefined ? {} : { source };
  const limit = runtime.stub?.limits.find(({ abi }) => abi === question.abi);
  if (isStubbed(runtime.stub, question)) {
    const text = `${name} ${version} answers ENOSYS to every number above ${limit?.largest} (${limit?.name}), the largest that the profile's names have with libseccomp ${context.libseccomp}, before any rule is looked at`;
    return [{ stage: 'runtime', text, ...cited }];
  }
  if (action === undefined || action.kind === 'allow' || oci.defaultAction === 'SCMP_ACT_ALLOW') return [];
  if (limit !== undefined) {
    const text = `${name} ${version} answers ENOSYS only to numbers above ${limit.largest} (${limit.name}), the largest that the profile names; ${question.number} is not above it`;
    return [{ stage: 'runtime', text, ...cited }];
  }
  return [{ stage: 'runtime', text: `${name} ${version} answers no number with ENOSYS by itself` }];
}

import type { Action } from '../policy/action.js';
import type { OciArg } from '../profile/argument.js';
import { LoadFailure, UnknownOutcome } from './failure.js';
import type { Comparison } from './libseccomp/chain.js';
import { type AddedRule, type AddResult, addFilterRule, type Filter } from './libseccomp/filter.js';
import { EndlessLoop } from './libseccomp/node.js';
import type { ResolvedRule, RuleOutcome } from './result.js';
import { OPERATORS } from './words.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What the rules have come to so far. */
export interface Collection {
  readonly filter: Filter;
  readonly rules: Mutable<ResolvedRule>[];
  /** Indexes into `rules` of the conditional rules that each ABI's number has, until an unconditional one comes. */
  readonly conditional: Map<string, number[]>;
}

export function createCollection(filter: Filter): Collection {
  return { filter, rules: [], conditional: new Map() };
}

export interface NamedRule {
  readonly rule: number;
  readonly name: string;
  readonly action: Action;
  readonly conditions: readonly (readonly OciArg[])[];
}

/** Notes a rule that never reaches libseccomp, or whose name it does not know. */
export function noteDropped(
  { rules }: Collection,
  rule: NamedRule,
  outcome: 'redundant' | 'unknown-name',
): void {
  const { name, action, conditions } = rule;
  rules.push({ rule: rule.rule, name, outcome, action, conditions });
}

/** libseccomp's refusal, with the ABI where a rule conflicts. */
export type FailedRule = Extract<AddResult, { kind: 'error' }>;

/**
 * Adds a rule, each alternative of its conditions as a rule of its own, and notes what it came to on each ABI.
 * Returns the library's error, if there is one; it ends at the first.
 */
export function collectRule(collection: Collection, rule: NamedRule): FailedRule | undefined {
  const alternatives = rule.conditions.length === 0 ? [[]] : rule.conditions;
  const places = new Map<string, AddedRule>();
  for (const alternative of alternatives) {
    const result = addAlternative(collection, rule, alternative);
    if (result.kind === 'error') return result;
    if (result.kind === 'unmodelled')
      throw new UnknownOutcome(unmodelled(collection.filter.libseccomp, rule.name));
    if (result.kind === 'unknown-name') {
      noteDropped(collection, rule, 'unknown-name');
      return undefined;
    }
    for (const place of result.places) {
      const key = `${place.abi} ${place.number}`;
      if (places.get(key)?.outcome !== 'added') places.set(key, place);
    }
  }
  const unconditional = rule.conditions.length === 0;
  for (const [key, place] of places) noteAdded(collection, rule, place, key, unconditional);
  return undefined;
}

function addAlternative(
  { filter }: Collection,
  { rule, name, action }: NamedRule,
  alternative: readonly OciArg[],
): AddResult {
  try {
    return addFilterRule(filter, { name, action, comparisons: alternative.map(toComparison) });
  } catch (error) {
    if (!(error instanceof EndlessLoop)) throw error;
    throw new LoadFailure('', ENDLESS, { rule, name });
  }
}

function unmodelled(libseccomp: string, name: string): string {
  return `how libseccomp ${libseccomp} combines the comparisons of the rules on ${name} has not been established`;
}

/** There are no words of the runtime's: it hangs. */
export const ENDLESS =
  'the runtime does not come to an end: libseccomp loops on these comparisons of 64-bit arguments (or they are too many for any filter)';

function noteAdded(
  { rules, conditional }: Collection,
  rule: NamedRule,
  place: AddedRule,
  key: string,
  unconditional: boolean,
): void {
  const outcome = outcomeOf(place);
  if (outcome === 'applied') {
    if (unconditional && place.call === undefined) {
      for (const index of conditional.get(key) ?? []) {
        const earlier = rules[index];
        if (earlier !== undefined) earlier.outcome = 'replaced';
      }
      conditional.delete(key);
    } else {
      const list = conditional.get(key);
      if (list === undefined) conditional.set(key, [rules.length]);
      else list.push(rules.length);
    }
  }
  const { name, action, conditions } = rule;
  const resolved: Mutable<ResolvedRule> = {
    rule: rule.rule,
    name,
    outcome,
    action,
    conditions,
    abi: place.abi,
  };
  if (place.number >= 0) resolved.number = place.number;
  if (place.call !== undefined) resolved.multiplexedCall = place.call;
  rules.push(resolved);
}

function outcomeOf(place: AddedRule): RuleOutcome {
  if (place.number < 0) return 'not-on-abi';
  switch (place.outcome) {
    case 'added':
    case 'conflict':
      return 'applied';
    case 'shadowed':
      return 'shadowed';
    case 'redundant':
      return 'covered';
  }
}

const ALL_BITS = 0xffffffffffffffffn;

/** `struct scmp_arg_cmp`: for MASKED_EQ `value` is the mask and `valueTwo` the datum. The operator must be known. */
function toComparison({ index, value, valueTwo, op }: OciArg): Comparison {
  const operator = OPERATORS.get(op) ?? 'eq';
  return operator === 'masked_eq'
    ? { argument: index, op: operator, mask: value, datum: valueTwo }
    : { argument: index, op: operator, mask: ALL_BITS, datum: value };
}

/** Comparisons that must all hold become alternatives when two look at the same argument. */
export function alternativesOf(args: readonly OciArg[], anded: boolean): readonly (readonly OciArg[])[] {
  if (args.length === 0) return [];
  const repeated = new Set(args.map((arg) => arg.index)).size !== args.length;
  return repeated || !anded ? args.map((arg) => [arg]) : [args];
}

import type { Comparison } from './chain.js';
import type { AddOutcome, NewRule, RuleGraph } from './database.js';

type Rule = Omit<NewRule, 'number'>;

/** Rules on one call, in their order. Equal sequences are the same object, as long as there is room for them. */
export interface RuleSequence {
  readonly bits: 32 | 64;
  readonly fixedFalseBranch: boolean;
  /** All but the last rule; undefined for no rules. */
  readonly before: RuleSequence | undefined;
  readonly rule: Rule | undefined;
  readonly longer: Map<string, RuleSequence>;
  /** What became of the last rule, and how many nodes were looked at for it; undefined until it is known. */
  added: { readonly outcome: AddOutcome; readonly work: number } | undefined;
  /** What all of them came to; undefined until a program is made of it. */
  graph: RuleGraph | undefined;
}

const starts = new Map<string, RuleSequence>();
let kept = 0;
/** Some filters of a thousand rules each; beyond that, all is worked out anew. */
const MOST_SEQUENCES = 50_000;

/** No rules yet, on an ABI of this width. */
export function startOf(bits: 32 | 64, fixedFalseBranch: boolean): RuleSequence {
  if (kept > MOST_SEQUENCES) {
    starts.clear();
    kept = 0;
  }
  const key = `${bits} ${fixedFalseBranch}`;
  const known = starts.get(key);
  if (known !== undefined) return known;
  const start = sequence({ bits, fixedFalseBranch, before: undefined, rule: undefined });
  starts.set(key, start);
  return start;
}

/** The rules and one more. */
export function sequenceOf(before: RuleSequence, rule: Rule): RuleSequence {
  const key = `${rule.action}${rule.comparisons.map(comparisonKey).join('')}`;
  const known = before.longer.get(key);
  if (known !== undefined) return known;
  const { bits, fixedFalseBranch } = before;
  const longer = sequence({ bits, fixedFalseBranch, before, rule });
  before.longer.set(key, longer);
  kept++;
  return longer;
}

/** In their order. */
export function rulesOf(last: RuleSequence): readonly Rule[] {
  const rules: Rule[] = [];
  for (let at: RuleSequence | undefined = last; at?.rule !== undefined; at = at.before) rules.push(at.rule);
  return rules.reverse();
}

function sequence(parts: Pick<RuleSequence, 'bits' | 'fixedFalseBranch' | 'before' | 'rule'>): RuleSequence {
  return { ...parts, longer: new Map(), added: undefined, graph: undefined };
}

const comparisonKey = ({ argument, op, mask, datum }: Comparison): string =>
  ` ${argument} ${op} ${datum}${op === 'masked_eq' ? ` ${mask}` : ''}`;

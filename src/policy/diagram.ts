import { toReturnValue } from './action.js';
import type { Decision, Test } from './policy.js';
import { createTripleTable } from './tripleTable.js';

/**
 * Canonical decision diagrams over argument bits: an ordered, reduced, hash-consed multi-terminal BDD. Two decisions
 * have the same reference exactly when they answer every combination of arguments alike, so equality is `===` and a
 * difference comes with the arguments that show it.
 *
 * Bit order: argument 0 first, in each argument from bit 63 down to bit 0, so a 64-bit comparison is one chain.
 */
export interface Diagrams {
  /** The diagram of a decision. */
  readonly of: (decision: Decision) => Ref;
  /** Six registers for which the two answer differently; undefined when they are the same. */
  readonly difference: (left: Ref, right: Ref) => readonly bigint[] | undefined;
  /** The filter's return value for concrete registers. */
  readonly evaluate: (ref: Ref, args: readonly bigint[]) => number;
  /** What a reference stands for. */
  readonly open: (ref: Ref) => DiagramNode;
  /** Nodes made so far. */
  readonly size: () => number;
}

/** An answer, or a question for one bit: `variable` is 64 × argument + (63 − bit), so questions ascend on every path. */
export type DiagramNode =
  | { readonly kind: 'answer'; readonly value: number }
  | { readonly kind: 'bit'; readonly variable: number; readonly low: Ref; readonly high: Ref };

/** ≥ 0: an inner node; < 0: a terminal, `~ref` indexes the return values. */
export type Ref = number;

/** Bits of six registers. */
export const BITS = 6 * 64;

/** Thrown when a set of diagrams would need more nodes than it may have. */
export class DiagramTooLarge extends RangeError {}

/**
 * A fresh set of diagrams; references of different sets must not be mixed.
 *
 * @param maxNodes conditions over many masks can need exponentially many nodes; where this many are made, the
 *   operation ends with DiagramTooLarge
 */
export function createDiagrams(maxNodes: number = Number.POSITIVE_INFINITY): Diagrams {
  const variables: number[] = [];
  const lows: Ref[] = [];
  const highs: Ref[] = [];
  const unique = createTripleTable();
  const terminals: number[] = [];
  const terminalOf = new Map<number, Ref>();
  const decisions = new WeakMap<Decision, Ref>();
  const chosen = createTripleTable();

  const terminal = (value: number): Ref => {
    let ref = terminalOf.get(value);
    if (ref === undefined) {
      ref = ~terminals.length;
      terminals.push(value);
      terminalOf.set(value, ref);
    }
    return ref;
  };
  const NO = terminal(-1);
  const YES = terminal(-2);

  const node = (variable: number, low: Ref, high: Ref): Ref => {
    if (low === high) return low;
    const known = unique.get(variable, low, high);
    if (known !== undefined) return known;
    const ref = variables.length;
    if (ref >= maxNodes || chosen.size() >= 4 * maxNodes)
      throw new DiagramTooLarge(`more than ${maxNodes} nodes`);
    variables.push(variable);
    lows.push(low);
    highs.push(high);
    unique.add(variable, low, high, ref);
    return ref;
  };

  const variableOf = (ref: Ref): number => (ref < 0 ? BITS : (variables[ref] ?? BITS));
  const branch = (ref: Ref, variable: number, high: boolean): Ref =>
    variableOf(ref) === variable ? ((high ? highs[ref] : lows[ref]) ?? ref) : ref;

  /** if condition then yes else no; `condition` is over YES and NO. */
  const choose = (condition: Ref, yes: Ref, no: Ref): Ref => {
    if (condition === YES || yes === no) return yes;
    if (condition === NO) return no;
    const known = chosen.get(condition, yes, no);
    if (known !== undefined) return known;
    const variable = Math.min(variableOf(condition), variableOf(yes), variableOf(no));
    const result = node(
      variable,
      choose(branch(condition, variable, false), branch(yes, variable, false), branch(no, variable, false)),
      choose(branch(condition, variable, true), branch(yes, variable, true), branch(no, variable, true)),
    );
    chosen.add(condition, yes, no, result);
    return result;
  };

  /** `(word & mask) OP value` from the lowest bit up: what is known of the bits below decides when all above are equal. */
  const comparison = ({ word, mask, op, value }: Test): Ref => {
    let below: Ref = op === 'gt' ? NO : YES;
    const first = (word >> 1) * 64 + (word & 1 ? 0 : 32);
    for (let bit = 0; bit < 32; bit++) {
      const wanted = (value >>> bit) & 1;
      const seen = (mask >>> bit) & 1;
      if (seen === 0) {
        if (wanted === 1) below = NO;
        continue;
      }
      const above = op === 'eq' ? NO : YES;
      below = node(first + (31 - bit), wanted === 0 ? below : NO, wanted === 0 ? above : below);
    }
    return below;
  };

  const of = (decision: Decision): Ref => {
    if (decision.kind === 'leaf') return terminal(toReturnValue(decision.action));
    const known = decisions.get(decision);
    if (known !== undefined) return known;
    // Chains of thousands of comparisons are usual (a list of allowed values), so the stack is kept by hand.
    const pending: Decision[] = [decision];
    while (pending.length > 0) {
      const next = pending.at(-1);
      if (next === undefined) break;
      if (next.kind === 'leaf' || decisions.has(next)) {
        pending.pop();
        continue;
      }
      const open = [next.then, next.else].filter((child) => child.kind === 'test' && !decisions.has(child));
      if (open.length > 0) {
        pending.push(...open);
        continue;
      }
      decisions.set(next, choose(comparison(next), refOf(next.then), refOf(next.else)));
      pending.pop();
    }
    return refOf(decision);
  };
  const refOf = (decision: Decision): Ref =>
    decision.kind === 'leaf' ? terminal(toReturnValue(decision.action)) : (decisions.get(decision) ?? NO);

  const difference = (left: Ref, right: Ref): readonly bigint[] | undefined => {
    if (left === right) return undefined;
    const args = [0n, 0n, 0n, 0n, 0n, 0n];
    let [a, b] = [left, right];
    while (a >= 0 || b >= 0) {
      const variable = Math.min(variableOf(a), variableOf(b));
      const high = branch(a, variable, false) === branch(b, variable, false);
      a = branch(a, variable, high);
      b = branch(b, variable, high);
      if (high) args[variable >> 6] = (args[variable >> 6] ?? 0n) | (1n << BigInt(63 - (variable & 63)));
    }
    return args;
  };

  const evaluate = (ref: Ref, args: readonly bigint[]): number => {
    let at = ref;
    while (at >= 0) {
      const variable = variableOf(at);
      const bit = ((args[variable >> 6] ?? 0n) >> BigInt(63 - (variable & 63))) & 1n;
      at = branch(at, variable, bit === 1n);
    }
    return terminals[~at] ?? -1;
  };

  const open = (ref: Ref): DiagramNode => {
    if (ref < 0) return { kind: 'answer', value: terminals[~ref] ?? -1 };
    return { kind: 'bit', variable: variableOf(ref), low: lows[ref] ?? ref, high: highs[ref] ?? ref };
  };

  return { of, difference, evaluate, open, size: () => variables.length };
}

import { fromReturnValue } from '../../policy/action.js';
import { leaf, test } from '../../policy/decision.js';
import type { Decision } from '../../policy/policy.js';
import type { Accumulator, Block, Target } from './blocks.js';

/** Decisions already made: a block means something else for each content of the accumulator that it is reached with. */
export type Evaluated = Map<Block, Map<string, Decision>>;

interface State {
  readonly block: Block;
  readonly key: string;
  readonly loaded: Accumulator;
}

/** What the placed blocks decide when the program runs them, which is not always what the rules mean. */
export function evaluate(entry: Target, evaluated: Evaluated): Decision {
  if (typeof entry === 'number') return leaf(fromReturnValue(entry));
  const start = arrive(entry, undefined);
  const open = [start];
  while (open.length > 0) {
    const state = open[open.length - 1];
    if (state === undefined) break;
    const missing = [state.block.whenTrue, state.block.whenFalse]
      .filter((target) => typeof target !== 'number')
      .map((target) => arrive(target, state.loaded))
      .filter((next) => lookup(evaluated, next) === undefined);
    if (missing.length > 0) {
      open.push(...missing);
      continue;
    }
    open.pop();
    decide(state, evaluated);
  }
  return lookup(evaluated, start) ?? unreachable();
}

function arrive(block: Block, accumulator: Accumulator | undefined): State {
  const before = block.reloads ? block.start : accumulator;
  const word = block.load ?? before?.word ?? unreachable();
  const left = block.load === undefined ? (before?.mask ?? unreachable()) : 0xffffffff;
  const mask = (left & (block.mask ?? 0xffffffff)) >>> 0;
  return { block, loaded: { word, mask }, key: `${word},${mask}` };
}

function lookup(evaluated: Evaluated, state: State): Decision | undefined {
  return evaluated.get(state.block)?.get(state.key);
}

function decide(state: State, evaluated: Evaluated): void {
  const { block, loaded, key } = state;
  const follow = (target: Target): Decision =>
    typeof target === 'number'
      ? leaf(fromReturnValue(target))
      : (lookup(evaluated, arrive(target, loaded)) ?? unreachable());
  const decision = test({
    word: loaded.word,
    mask: loaded.mask,
    op: block.op,
    value: block.datum,
    then: follow(block.whenTrue),
    else: follow(block.whenFalse),
  });
  const ofBlock = evaluated.get(block) ?? new Map<string, Decision>();
  evaluated.set(block, ofBlock.set(key, decision));
}

/** The first block of a syscall loads its word, and every block is evaluated after those it jumps to. */
function unreachable(): never {
  throw new Error('a block of the program was reached without a loaded argument');
}

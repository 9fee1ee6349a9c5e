import { sameAction } from '../policy/action.js';
import type { Decision, Leaf, Test, Word } from '../policy/policy.js';
import { compareWord } from './interval.js';

const FULL = 0xffffffff;
const LAST = 0xffffffff;
/** Comparisons that may be made in all: enough for ten thousand values of one argument. */
const MAX_STEPS = 250_000_000;
/** Six arguments of two halves. */
const WORDS = 12;

export interface Samples {
  /** Undefined where it cannot be told this way. */
  readonly same: (left: Decision, right: Decision) => boolean | undefined;
}

/** Compares decisions by sampling, within one budget for all of them. */
export function createSamples(): Samples {
  let left = MAX_STEPS;
  return {
    same: (a, b) =>
      sameOnSamples(a, b, (steps) => {
        left -= steps;
        return left >= 0;
      }),
  };
}

/**
 * Whether two decisions answer alike, tried for one call of every kind that their comparisons tell apart: between the
 * values that they name nothing changes, so this is a proof. Undefined where masks are asked for, or too many kinds.
 */
function sameOnSamples(
  left: Decision,
  right: Decision,
  spend: (steps: number) => boolean,
): boolean | undefined {
  const tests = [...testsOf(left), ...testsOf(right)];
  const samples = new Map<Word, Set<number>>();
  for (const { word, mask, op, value } of tests) {
    if (mask !== FULL) return undefined;
    const values = samples.get(word) ?? new Set([0]);
    samples.set(word, values);
    values.add(value);
    if (op !== 'ge' && value < LAST) values.add(value + 1);
  }
  const kinds = [...samples.values()].reduce((product, { size }) => product * size, 1);
  if (!spend(kinds * tests.length)) return undefined;
  const words = [...samples.keys()];
  const call = new Uint32Array(WORDS);
  const agree = (index: number): boolean => {
    const word = words[index];
    if (word === undefined) return sameAction(answer(left, call).action, answer(right, call).action);
    for (const value of samples.get(word) ?? []) {
      call[word] = value;
      if (!agree(index + 1)) return false;
    }
    return true;
  };
  return agree(0);
}

function answer(decision: Decision, call: Uint32Array): Leaf {
  let node = decision;
  while (node.kind === 'test') {
    node = compareWord(call[node.word] as number, FULL, node.op, node.value) ? node.then : node.else;
  }
  return node;
}

function testsOf(decision: Decision): ReadonlySet<Test> {
  const seen = new Set<Test>();
  const stack: Decision[] = [decision];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'leaf' || seen.has(node)) continue;
    seen.add(node);
    stack.push(node.then, node.else);
  }
  return seen;
}

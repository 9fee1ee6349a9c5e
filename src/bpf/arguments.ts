import { test } from '../policy/decision.js';
import type { Decision, Test, Word } from '../policy/policy.js';
import { decideInterval } from './interval.js';
import { type Leaf, searchTree } from './tree.js';

const FULL = 0xffffffff;
const LAST = 0xffffffff;
/** Steps along comparisons, which are cheap, before the decision is left as it is: bounds the time for hostile profiles. */
const MAX_STEPS = 12_000_000;
const MAX_DEPTH = 1000;

/**
 * The same decision with its comparisons of arguments in the order that is cheapest to run: each word is looked at
 * once, arguments in ascending order with the high half first, and the intervals of a word by a search tree.
 * Where that form would be more than twice as large, or too costly to find, the decision is returned as it is.
 *
 * @param small prefers few comparisons to short ways: for lists that would not fit otherwise
 */
export function orderTests(decision: Decision, small = false): Decision {
  if (decision.kind === 'leaf') return decision;
  const tests = countTests(decision);
  const rebuilt = createRebuild(8 * tests + 400, small)(decision);
  if (rebuilt === undefined) return decision;
  return countTests(rebuilt) <= 2 * tests + 4 ? rebuilt : decision;
}

/** Distinct comparisons of a decision. */
export function countTests(decision: Decision): number {
  const seen = new Set<Decision>();
  const stack: Decision[] = [decision];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'leaf' || seen.has(node)) continue;
    seen.add(node);
    stack.push(node.then, node.else);
  }
  return seen.size;
}

/** Thrown to leave the recursion when the budget is used up. */
const giveUp = Symbol('give up');

/** @param maxNodes comparisons that may be made on the way, most of which are not in the result. */
function createRebuild(maxNodes: number, small: boolean): (decision: Decision) => Decision | undefined {
  const done = new Map<Decision, Decision>();
  let steps = 0;
  let nodes = 0;
  const spend = (count: number): void => {
    steps += count;
    if (steps > MAX_STEPS) throw giveUp;
  };
  const make = (parts: Omit<Test, 'kind'>): Decision => {
    if (++nodes > maxNodes) throw giveUp;
    return test(parts);
  };

  function rebuild(node: Decision, depth: number): Decision {
    if (node.kind === 'leaf') return node;
    const known = done.get(node);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) throw giveUp;
    const tests = testsOf(node);
    spend(tests.length);
    const word = tests.reduce((first, { word }) => (rank(word) < rank(first) ? word : first), node.word);
    const whole = tests.filter((found) => found.word === word && found.mask === FULL);
    const masked = tests.find((found) => found.word === word && found.mask !== FULL);
    let result: Decision;
    if (whole.length > 0) {
      const values = masked === undefined ? byValues(node, word, whole.length, depth) : undefined;
      result = byIntervals(word, values ?? intervals(node, word, whole, depth));
    } else if (masked !== undefined) result = byMask(node, masked, depth);
    else result = node;
    done.set(node, result);
    return result;
  }

  /** A list of values, each with its own answer, as rules for one value each give it. */
  function byValues(
    node: Test,
    word: Word,
    count: number,
    depth: number,
  ): readonly Leaf<Decision>[] | undefined {
    const answers = new Map<number, Decision>();
    let rest: Decision = node;
    for (; rest.kind === 'test' && asksForValue(rest, word); rest = rest.else) {
      if (!answers.has(rest.value)) answers.set(rest.value, rest.then);
    }
    if (answers.size !== count) return undefined;
    const leaves: Leaf<Decision>[] = [];
    const add = (from: number, to: number, target: Decision): void => {
      const last = leaves.at(-1);
      if (last?.target === target) leaves[leaves.length - 1] = { ...last, to };
      else leaves.push({ from, to, target, weight: 1 });
    };
    const otherwise = rebuild(rest, depth + 1);
    let next = 0;
    for (const [value, answer] of [...answers].sort(([a], [b]) => a - b)) {
      if (next < value) add(next, value - 1, otherwise);
      // The answer may ask for the word again, as the rest of a list of 64-bit values does.
      add(value, value, rebuild(restrict(answer, decidedBy(word, value, value)), depth + 1));
      next = value + 1;
    }
    if (next <= LAST) add(next, LAST, otherwise);
    return leaves;
  }

  function byIntervals(word: Word, leaves: readonly Leaf<Decision>[]): Decision {
    return searchTree(
      leaves,
      (op, value, then, otherwise) => make({ word, mask: FULL, op, value, then, else: otherwise }),
      { small },
    );
  }

  function intervals(
    node: Test,
    word: Word,
    whole: readonly Test[],
    depth: number,
  ): readonly Leaf<Decision>[] {
    const starts = startsOf(whole);
    const leaves: Leaf<Decision>[] = [];
    starts.forEach((from, index) => {
      const to = (starts[index + 1] ?? LAST + 1) - 1;
      const target = rebuild(restrict(node, decidedBy(word, from, to)), depth + 1);
      const last = leaves.at(-1);
      if (last?.target === target) leaves[leaves.length - 1] = { ...last, to };
      else leaves.push({ from, to, target, weight: 1 });
    });
    return leaves;
  }

  function byMask(node: Test, first: Test, depth: number): Decision {
    const side = (outcome: boolean) =>
      rebuild(
        restrict(node, (found) => (samePredicate(found, first) ? outcome : undefined)),
        depth + 1,
      );
    return make({ ...first, then: side(true), else: side(false) });
  }

  /** What is left of a decision when some comparisons are known; without recursion, for lists of thousands of values. */
  function restrict(root: Decision, decides: (found: Test) => boolean | undefined): Decision {
    const seen = new Map<Decision, Decision>();
    const follow = (start: Decision): Decision => {
      let node = start;
      for (; node.kind === 'test'; spend(1)) {
        const outcome = decides(node);
        if (outcome === undefined) break;
        node = outcome ? node.then : node.else;
      }
      return node;
    };
    const resultOf = (node: Decision): Decision | undefined => (node.kind === 'leaf' ? node : seen.get(node));
    const first = follow(root);
    const stack: Decision[] = [first];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      if (node.kind === 'leaf' || seen.has(node)) {
        stack.pop();
        continue;
      }
      const [then, otherwise] = [follow(node.then), follow(node.else)];
      const [yes, no] = [resultOf(then), resultOf(otherwise)];
      if (yes === undefined) stack.push(then);
      else if (no === undefined) stack.push(otherwise);
      else seen.set(node, make({ ...node, then: yes, else: no }));
    }
    return resultOf(first) ?? first;
  }

  return (decision) => {
    try {
      return rebuild(decision, 0);
    } catch (error) {
      if (error === giveUp) return undefined;
      throw error;
    }
  };
}

/** Order of the words: arguments ascending, the high half first. */
function rank(word: Word): number {
  return word ^ 1;
}

function testsOf(root: Decision): readonly Test[] {
  const seen = new Set<Test>();
  const stack: Decision[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'leaf' || seen.has(node)) continue;
    seen.add(node);
    stack.push(node.else, node.then);
  }
  return [...seen];
}

/** The first values of the intervals in which none of these comparisons changes its outcome. */
function startsOf(tests: readonly Test[]): readonly number[] {
  const starts = new Set([0]);
  for (const { op, value } of tests) {
    if (op !== 'gt') starts.add(value);
    if (op !== 'ge' && value < LAST) starts.add(value + 1);
  }
  return [...starts].sort((a, b) => a - b);
}

function asksForValue({ word, mask, op }: Test, wanted: Word): boolean {
  return word === wanted && mask === FULL && op === 'eq';
}

/** The outcome of comparisons of a word from `from` to `to`, where it is the same for all of them. */
function decidedBy(word: Word, from: number, to: number): (found: Test) => boolean | undefined {
  return (found) => {
    if (found.word !== word) return undefined;
    // A mask may have the same outcome in the whole interval: its top bit above 2^31.
    const outcome = decideInterval(from, to, found.mask, found.op, found.value);
    return typeof outcome === 'boolean' ? outcome : undefined;
  };
}

function samePredicate(a: Test, b: Test): boolean {
  return a.word === b.word && a.mask === b.mask && a.op === b.op && a.value === b.value;
}

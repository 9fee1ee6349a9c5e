import { type Action, sameAction, toReturnValue } from '../policy/action.js';
import { decideArguments } from '../policy/decide.js';
import { foldDecision } from '../policy/fold.js';
import type { Decision, Test, Word } from '../policy/policy.js';

/** One outcome of a decision that looks at arguments. The last case of a list is the rest: `when` is `otherwise`. */
export interface Case {
  /** Alternatives, each a conjunction, in C notation: `flags & 0x7e020000 == 0`. */
  readonly when: readonly string[];
  readonly action: Action;
}

/** How an argument is called and its values are written, e.g. from the call's signature. */
export interface ArgumentWords {
  readonly name: (argument: number) => string;
  readonly value: (argument: number, value: bigint) => string;
  /** Width of the ABI's registers. */
  readonly bits: 32 | 64;
}

const MOST_PATHS = 256;
const ALL = 0xffffffff;

/**
 * The outcomes of a decision, each with the arguments that lead to it. A decision that compares one argument only is
 * told as value ranges, every other one path by path.
 *
 * @returns cases in order of their values, the most common outcome last as `otherwise`
 */
export function casesOf(decision: Decision, words: ArgumentWords): readonly Case[] {
  if (decision.kind === 'leaf') return [{ when: ['otherwise'], action: decision.action }];
  return rangeCases(decision, words) ?? pathCases(decision, words);
}

function testsOf(decision: Decision): readonly Test[] {
  const found: Test[] = [];
  foldDecision<void>(decision, { leaf: () => {}, test: (node) => void found.push(node) });
  return found;
}

function rangeCases(decision: Decision, words: ArgumentWords): readonly Case[] | undefined {
  const tests = testsOf(decision);
  const argument = (tests[0]?.word ?? 0) >> 1;
  if (tests.some((node) => node.word >> 1 !== argument || node.mask !== ALL) || tests.length > MOST_PATHS)
    return undefined;
  // A filter that never looks at the upper halves (libseccomp's of 32-bit ABIs, x32 too) sees 32-bit values.
  const lowOnly = tests.every((node) => (node.word & 1) === 0);
  if (!lowOnly && !tests.some((node) => (node.word & 1) === 0)) return undefined;
  const top = (1n << BigInt(lowOnly ? 32 : words.bits)) - 1n;
  const points = [...criticalValues(tests)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const spans: { from: bigint; to: bigint; action: Action }[] = [];
  for (const [index, from] of points.entries()) {
    const to = (points[index + 1] ?? top + 1n) - 1n;
    const action = decideArguments(decision, registers(argument, from));
    const last = spans.at(-1);
    if (last !== undefined && sameAction(last.action, action)) last.to = to;
    else spans.push({ from, to, action });
  }
  const name = words.name(argument);
  const value = (edge: bigint): string => inParentheses(words.value(argument, edge));
  const text = ({ from, to }: { from: bigint; to: bigint }): string => {
    if (from === to) return `${name} == ${value(from)}`;
    if (from === 0n) return `${name} <= ${value(to)}`;
    if (to === top) return `${name} >= ${value(from)}`;
    return `${value(from)} <= ${name} <= ${value(to)}`;
  };
  const rest = spans.reduce((widest, span) =>
    span.to - span.from > widest.to - widest.from ? span : widest,
  );
  return grouped(
    spans.map((span) => ({ action: span.action, text: text(span) })),
    rest.action,
  );
}

const registers = (argument: number, value: bigint): readonly bigint[] =>
  Array.from({ length: 6 }, (_, index) => (index === argument ? value : 0n));

/** Values at which the outcome may change: both words of each comparison, in every combination of high and low half. */
function criticalValues(tests: readonly Test[]): ReadonlySet<bigint> {
  const low = new Set<bigint>([0n]);
  const high = new Set<bigint>([0n]);
  for (const node of tests) {
    const half = node.word & 1 ? high : low;
    for (const edge of node.op === 'gt'
      ? [node.value + 1]
      : node.op === 'ge'
        ? [node.value]
        : [node.value, node.value + 1]) {
      if (edge <= ALL) half.add(BigInt(edge));
    }
  }
  const values = new Set<bigint>();
  for (const upper of high) for (const lower of low) values.add((upper << 32n) | lower);
  return values;
}

/** A test on the way to an answer, and whether it held. */
export interface Step {
  readonly node: Test;
  readonly taken: boolean;
}

/** Arguments whose upper halves a decision looks at. A 32-bit ABI's filter has none: its registers end there. */
export function wideArguments(decision: Decision): ReadonlySet<number> {
  return new Set(testsOf(decision).flatMap(({ word }) => (word & 1 ? [word >> 1] : [])));
}

function pathCases(decision: Decision, words: ArgumentWords): readonly Case[] {
  const found: { action: Action; text: string }[] = [];
  const wide = wideArguments(decision);
  let rest = decision;
  while (rest.kind === 'test') rest = rest.else;
  const { action: otherwise } = rest;
  let paths = 0;
  let cut = false;
  const visit = (node: Decision, path: readonly Step[]): void => {
    if (paths >= MOST_PATHS) {
      cut = true;
      return;
    }
    if (node.kind === 'leaf') {
      paths++;
      // What is said as `otherwise` needs no words of its own.
      if (!sameAction(node.action, otherwise))
        found.push({ action: node.action, text: pathText(path, words, wide) });
      return;
    }
    visit(node.then, [...path, { node, taken: true }]);
    visit(node.else, [...path, { node, taken: false }]);
  };
  visit(decision, []);
  const cases = grouped(found, otherwise);
  return cut
    ? [
        ...cases.slice(0, -1),
        { when: ['… (more than can be listed)'], action: otherwise },
        ...cases.slice(-1),
      ]
    : cases;
}

function grouped(found: readonly { action: Action; text: string }[], rest: Action): readonly Case[] {
  const groups = new Map<number, { when: string[]; action: Action }>();
  for (const { action, text } of found) {
    if (sameAction(action, rest)) continue;
    const key = toReturnValue(action);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { when: [text], action });
    else group.when.push(text);
  }
  return [...groups.values(), { when: ['otherwise'], action: rest }];
}

/** A path in words: the two halves of one argument are told as one 64-bit comparison where both are plain. */
export function pathText(path: readonly Step[], words: ArgumentWords, wide: ReadonlySet<number>): string {
  const parts: string[] = [];
  const used = new Set<Step>();
  const ofWord = new Map<Word, Step[]>();
  for (const step of path) {
    const same = ofWord.get(step.node.word);
    if (same === undefined) ofWord.set(step.node.word, [step]);
    else same.push(step);
  }
  for (const step of path) {
    if (used.has(step)) continue;
    used.add(step);
    const others = ofWord.get(step.node.word ^ 1);
    // Each step is looked at once: what is used stays so.
    while (others?.[0] !== undefined && used.has(others[0])) others.shift();
    const other = others?.[0];
    if (other !== undefined && step.taken && other.taken && step.node.op === 'eq' && other.node.op === 'eq') {
      used.add(other);
      const [low, high] = step.node.word & 1 ? [other.node, step.node] : [step.node, other.node];
      parts.push(
        comparison(low.word >> 1, join(high.mask, low.mask), '==', join(high.value, low.value), words, wide),
      );
      continue;
    }
    const { node, taken } = step;
    const shift = node.word & 1 ? 32n : 0n;
    const operator = { eq: taken ? '==' : '!=', gt: taken ? '>' : '<=', ge: taken ? '>=' : '<' }[node.op];
    parts.push(
      comparison(
        node.word >> 1,
        BigInt(node.mask) << shift,
        operator,
        BigInt(node.value) << shift,
        words,
        wide,
      ),
    );
  }
  return parts.join(' && ');
}

const join = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);

function comparison(
  argument: number,
  mask: bigint,
  operator: string,
  value: bigint,
  words: ArgumentWords,
  wide: ReadonlySet<number>,
): string {
  const name = words.name(argument);
  const all = (1n << BigInt(wide.has(argument) ? words.bits : 32)) - 1n;
  const left = mask === all ? name : `(${name} & ${inParentheses(words.value(argument, mask))})`;
  return `${left} ${operator} ${inParentheses(words.value(argument, value))}`;
}

/** `A|B` binds weaker than `&` and `==` do in C. */
export function inParentheses(text: string): string {
  return text.includes('|') ? `(${text})` : text;
}

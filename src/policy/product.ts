import { type Action, fromReturnValue } from './action.js';
import { BITS, type DiagramNode, type Diagrams, DiagramTooLarge, type Ref } from './diagram.js';

/** Two answers that some combination of arguments gets, one from each side. */
export interface AnswerPair {
  readonly left: Action;
  readonly right: Action;
  /** How many of the 2³⁸⁴ combinations of six registers get this pair: an exact number. */
  readonly count: bigint;
  /** The lowest six registers that get it, argument 0 counting first. */
  readonly example: readonly bigint[];
}

/** Answers, combinations below a node, and the bits of the lowest one of them. */
interface Part {
  readonly left: number;
  readonly right: number;
  readonly count: bigint;
  readonly witness: bigint;
}

/** Pairs of nodes beyond which a comparison is given up. */
const MOST_PAIRS = 1_000_000;

/**
 * Every pair of answers that two decisions give to the same arguments, with how many arguments get it: both diagrams
 * are walked side by side, each pair of nodes once, so nothing is sampled.
 *
 * @throws DiagramTooLarge
 */
export function answerPairs(diagrams: Diagrams, left: Ref, right: Ref): readonly AnswerPair[] {
  const done = new Map<string, readonly Part[]>();
  const walk = (a: Ref, b: Ref): readonly Part[] => {
    const key = `${a},${b}`;
    const known = done.get(key);
    if (known !== undefined) return known;
    if (done.size >= MOST_PAIRS) throw new DiagramTooLarge(`more than ${MOST_PAIRS} pairs of nodes`);
    const [one, other] = [diagrams.open(a), diagrams.open(b)];
    const parts =
      one.kind === 'answer' && other.kind === 'answer'
        ? [{ left: one.value, right: other.value, count: 1n, witness: 0n }]
        : split(one, other, a, b);
    done.set(key, parts);
    return parts;
  };
  const split = (one: DiagramNode, other: DiagramNode, a: Ref, b: Ref): readonly Part[] => {
    const variable = Math.min(variableOf(one), variableOf(other));
    const child = (high: boolean): readonly Part[] => {
      const [x, y] = [branch(one, a, variable, high), branch(other, b, variable, high)];
      const next = Math.min(variableOf(diagrams.open(x)), variableOf(diagrams.open(y)));
      const unread = BigInt(next - variable - 1);
      const bit = high ? 1n << BigInt(BITS - 1 - variable) : 0n;
      return walk(x, y).map((part) => ({
        ...part,
        count: part.count << unread,
        witness: part.witness | bit,
      }));
    };
    return merge(child(false), child(true));
  };
  const top = Math.min(variableOf(diagrams.open(left)), variableOf(diagrams.open(right)));
  return walk(left, right).map((part) => ({
    left: fromReturnValue(part.left),
    right: fromReturnValue(part.right),
    count: part.count << BigInt(top),
    example: registersOf(part.witness),
  }));
}

const variableOf = (node: DiagramNode): number => (node.kind === 'bit' ? node.variable : BITS);

function branch(node: DiagramNode, ref: Ref, variable: number, high: boolean): Ref {
  if (node.kind === 'answer' || node.variable !== variable) return ref;
  return high ? node.high : node.low;
}

/** The first list's witnesses are the lower ones. */
function merge(low: readonly Part[], high: readonly Part[]): readonly Part[] {
  const parts = [...low];
  for (const part of high) {
    const index = parts.findIndex(({ left, right }) => left === part.left && right === part.right);
    const same = parts[index];
    if (same === undefined) parts.push(part);
    else parts[index] = { ...same, count: same.count + part.count };
  }
  return parts;
}

function registersOf(witness: bigint): readonly bigint[] {
  return Array.from({ length: 6 }, (_, index) => BigInt.asUintN(64, witness >> BigInt(64 * (5 - index))));
}

/** Arguments that a decision looks at, in order: the others can be anything. */
export function argumentsRead(diagrams: Diagrams, ...refs: readonly Ref[]): readonly number[] {
  const seen = new Set<Ref>();
  const found = new Set<number>();
  const pending = [...refs];
  for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
    if (seen.has(ref)) continue;
    seen.add(ref);
    const node = diagrams.open(ref);
    if (node.kind === 'answer') continue;
    found.add(node.variable >> 6);
    pending.push(node.low, node.high);
  }
  return [...found].sort((a, b) => a - b);
}

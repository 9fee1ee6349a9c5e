import { fromReturnValue } from '../policy/action.js';
import { leaf, test } from '../policy/decision.js';
import type { Decision } from '../policy/policy.js';
import type { Comparison } from './graph.js';
import { isBranch, OP, type Program } from './instruction.js';
import { decideInterval } from './interval.js';
import { ARCH_OFFSET, DATA_SIZE, fieldAt, isLittleEndian, NUMBER_OFFSET } from './seccompData.js';
import { constant, operate, type Symbolic, symbolKey } from './symbolic.js';

/** What is known of the call: intervals of its arch and its number, inclusive. */
export interface Known {
  readonly arch: Interval;
  readonly number: Interval;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The interval of the number or the arch is too wide for one answer: cut it behind `after`. */
export interface Cut {
  readonly kind: 'cut';
  readonly what: 'arch' | 'number';
  readonly after: number;
  /** Where evaluation can go on for both parts: up to there they go the same way. */
  readonly resume: State | undefined;
}

/** Thrown where the program does something whose result cannot be said exactly. */
export class Undecided {
  constructor(
    readonly instruction: number,
    readonly reason: string,
  ) {}
}

/** Where a way through the program stands. */
export interface State {
  readonly pc: number;
  readonly a: Symbolic;
  readonly x: Symbolic;
  readonly scratch: readonly Symbolic[];
}

/** Where a way through the program ends, depends on an argument, or on more of the number or the arch than is known. */
type Stop =
  | Cut
  | { readonly kind: 'decision'; readonly decision: Decision }
  | {
      readonly kind: 'fork';
      readonly key: string;
      readonly word: number;
      readonly mask: number;
      readonly op: Comparison;
      readonly value: number;
      readonly then: State;
      readonly else: State;
    };

const FULL = 0xffffffff;
/** Instructions evaluated for one program: bounds the time for hostile ones. */
const BUDGET = 20_000_000;

/**
 * Evaluates a checked program for calls of which only intervals are known, and gives the decision over the arguments.
 * Ways that meet with the same registers are evaluated once, so the work grows with the program and not with its ways.
 */
export function createEvaluator(program: Program): (known: Known, resume?: State) => Decision | Cut {
  const readsNumber = readersOf(program);
  const decisions = new Map<string, Decision>();
  let spent = 0;

  function advance(start: State, known: Known): Stop {
    let { pc, a, x, scratch } = start;
    for (; ; pc++) {
      if (++spent > BUDGET) throw new Undecided(pc, 'the program has too many different ways through it');
      const instruction = program[pc];
      if (instruction === undefined) throw new RangeError(`no instruction ${pc}`);
      const { code, k } = instruction;
      switch (code) {
        case OP.ld_abs:
          a = load(k, known, pc);
          break;
        case OP.ld_imm:
          a = constant(k);
          break;
        case OP.ldx_imm:
          x = constant(k);
          break;
        case OP.ld_len:
          a = constant(DATA_SIZE);
          break;
        case OP.ldx_len:
          x = constant(DATA_SIZE);
          break;
        case OP.ld_mem:
          a = scratch[k] ?? constant(0);
          break;
        case OP.ldx_mem:
          x = scratch[k] ?? constant(0);
          break;
        case OP.st:
          scratch = scratch.with(k, a);
          break;
        case OP.stx:
          scratch = scratch.with(k, x);
          break;
        case OP.tax:
          x = a;
          break;
        case OP.txa:
          a = x;
          break;
        case OP.ja:
          pc += k;
          break;
        case OP.ret:
          return { kind: 'decision', decision: leaf(fromReturnValue(k)) };
        case OP.ret_a:
          if (a.kind !== 'constant') throw new Undecided(pc, 'the return value is computed from the call');
          return { kind: 'decision', decision: leaf(fromReturnValue(a.value)) };
        default: {
          const operand = code & 0x08 ? x : constant(k);
          if (!isBranch(code)) {
            if ((code & ~0x08) === OP.div && operand.kind !== 'constant')
              throw new Undecided(pc, 'division by a part of the call');
            // bpf_convert_filter: a division by a zero X ends the program with 0.
            if ((code & ~0x08) === OP.div && operand.kind === 'constant' && operand.value === 0) {
              return { kind: 'decision', decision: leaf(fromReturnValue(0)) };
            }
            a = operate(code & ~0x08, a, operand, pc);
            break;
          }
          const question = ask(code & ~0x08, a, operand, known, pc);
          if (typeof question === 'boolean') {
            pc += question ? instruction.jt : instruction.jf;
            break;
          }
          if (question.kind === 'cut')
            return cut(question, question.what === 'number' ? plain({ pc, a, x, scratch }) : undefined);
          const yes = { pc: pc + 1 + instruction.jt, a, x, scratch };
          const no = { pc: pc + 1 + instruction.jf, a, x, scratch };
          return {
            kind: 'fork',
            key: keyOf({ pc, a, x, scratch }, known),
            word: question.word,
            mask: question.mask,
            op: question.op,
            value: question.value,
            then: question.negated ? no : yes,
            else: question.negated ? yes : no,
          };
        }
      }
    }
  }

  function keyOf(state: State, { arch, number }: Known): string {
    const scratch = state.scratch === NO_SCRATCH ? '' : state.scratch.map(symbolKey).join(' ');
    const from = readsNumber.all(state) ? `${number.low}-${number.high}` : '';
    return `${state.pc} ${symbolKey(state.a)} ${symbolKey(state.x)} ${scratch}|${arch.low}-${arch.high}|${from}`;
  }

  function decide(root: Exclude<Stop, Cut>, known: Known): Decision | Cut {
    if (root.kind === 'decision') return root.decision;
    type Reached = Exclude<Stop, Cut>;
    const stack: { readonly fork: Extract<Stop, { kind: 'fork' }>; then?: Reached; else?: Reached }[] = [
      { fork: root },
    ];
    const decided = (stop: Reached): Decision | undefined =>
      stop.kind === 'decision' ? stop.decision : decisions.get(stop.key);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const { fork } = frame;
      if (decisions.has(fork.key)) {
        stack.pop();
        continue;
      }
      const [yes, no] = [frame.then ?? advance(fork.then, known), frame.else ?? advance(fork.else, known)];
      // Behind a fork there is more than one way to go on.
      if (yes.kind === 'cut') return cut(yes);
      if (no.kind === 'cut') return cut(no);
      frame.then = yes;
      frame.else = no;
      const then = decided(yes);
      const otherwise = decided(no);
      if (then === undefined && yes.kind === 'fork') stack.push({ fork: yes });
      else if (otherwise === undefined && no.kind === 'fork') stack.push({ fork: no });
      else if (then !== undefined && otherwise !== undefined) {
        const { word, mask, op, value } = fork;
        decisions.set(fork.key, test({ word, mask, op, value, then, else: otherwise }));
      }
    }
    const result = decided(root);
    if (result === undefined) throw new RangeError('a fork without a decision');
    return result;
  }

  return (known, resume) => {
    const root = advance(resume === undefined ? START : settled(resume, known), known);
    return root.kind === 'cut' ? root : decide(root, known);
  };
}

const NO_SCRATCH: readonly Symbolic[] = Array.from({ length: 16 }, () => constant(0));
const START: State = { pc: 0, a: constant(0), x: constant(0), scratch: NO_SCRATCH };

/** The state as loads would have made it, had the number been known to be one from the beginning. */
function settled(state: State, { number: { low, high } }: Known): State {
  if (low !== high) return state;
  const settle = (symbol: Symbolic): Symbolic =>
    symbol.kind === 'word' && symbol.offset === NUMBER_OFFSET ? constant((low & symbol.mask) >>> 0) : symbol;
  const scratch = state.scratch === NO_SCRATCH ? NO_SCRATCH : state.scratch.map(settle);
  return { pc: state.pc, a: settle(state.a), x: settle(state.x), scratch };
}

function cut({ what, after }: Pick<Cut, 'what' | 'after'>, resume?: State): Cut {
  return { kind: 'cut', what, after, resume };
}

/** The state, where nothing in it was computed in a way that is not known. */
function plain(state: State): State | undefined {
  const { a, x, scratch } = state;
  if (a.kind === 'unknown' || x.kind === 'unknown') return undefined;
  return scratch !== NO_SCRATCH && scratch.some(({ kind }) => kind === 'unknown') ? undefined : state;
}

function load(offset: number, { arch, number }: Known, pc: number): Symbolic {
  if (offset === NUMBER_OFFSET && number.low === number.high) return constant(number.low);
  if (offset === ARCH_OFFSET && arch.low === arch.high) return constant(arch.low);
  return fieldAt(offset, true).kind === 'pointer'
    ? { kind: 'unknown', instruction: pc }
    : { kind: 'word', offset, mask: FULL };
}

interface Question {
  readonly kind: 'question';
  readonly word: number;
  readonly mask: number;
  readonly op: Comparison;
  readonly value: number;
  readonly negated: boolean;
}

const COMPARISONS: ReadonlyMap<number, Comparison> = new Map([
  [OP.jeq, 'eq'],
  [OP.jgt, 'gt'],
  [OP.jge, 'ge'],
]);

/** The outcome of a branch, or the question to the arguments that it stands for. */
function ask(
  code: number,
  a: Symbolic,
  operand: Symbolic,
  known: Known,
  pc: number,
): boolean | Question | Cut {
  // Equality and common bits do not mind the order of their sides.
  const symmetric = code === OP.jeq || code === OP.jset;
  const [word, against] = symmetric && a.kind === 'constant' ? [operand, a] : [a, operand];
  if (word.kind === 'unknown' || against.kind === 'unknown') {
    const at = word.kind === 'unknown' ? word : against;
    throw new Undecided(at.kind === 'unknown' ? at.instruction : pc, 'a branch depends on a computed value');
  }
  if (against.kind === 'word') throw new Undecided(pc, 'a branch compares two parts of the call');
  const op = COMPARISONS.get(code) ?? 'eq';
  const bits = code === OP.jset;
  const value = bits ? 0 : against.value;
  if (word.kind === 'constant') {
    if (bits) return (word.value & against.value) !== 0;
    return decideInterval(word.value, word.value, FULL, op, value) === true;
  }
  const mask = bits ? (word.mask & against.value) >>> 0 : word.mask;
  if (mask === 0) return false;
  const field = fieldAt(word.offset, isLittleEndian(known.arch.low));
  switch (field.kind) {
    case 'argument':
      return { kind: 'question', word: field.word, mask, op, value, negated: bits };
    case 'pointer':
      throw new Undecided(pc, 'a branch depends on the instruction pointer');
    case 'arch':
    case 'number': {
      const { low, high } = known[field.kind];
      const outcome = decideInterval(low, high, mask, op, value);
      if (typeof outcome === 'number') return cut({ what: field.kind, after: outcome });
      return outcome !== bits;
    }
  }
}

/** From which instructions the number can still be read, in memory or in a register. */
function readersOf(program: Program) {
  const later = new Uint8Array(program.length + 1);
  for (let pc = program.length - 1; pc >= 0; pc--) {
    const { code, jt, jf, k } = program[pc] as Program[number];
    if (code === OP.ret || code === OP.ret_a) continue;
    const next = code === OP.ja ? [k] : isBranch(code) ? [jt, jf] : [0];
    const here = code === OP.ld_abs && k === NUMBER_OFFSET;
    later[pc] = here || next.some((skip) => later[pc + 1 + skip] === 1) ? 1 : 0;
  }
  const holdsNumber = (symbol: Symbolic): boolean =>
    symbol.kind === 'word' && symbol.offset === NUMBER_OFFSET;
  return {
    all: ({ pc, a, x, scratch }: State): boolean =>
      later[pc] === 1 || holdsNumber(a) || holdsNumber(x) || scratch.some(holdsNumber),
  };
}

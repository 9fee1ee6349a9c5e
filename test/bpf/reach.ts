import { isBranch, OP, type Program } from '../../src/bpf/instruction.js';

/** What inputs of a program have executed. */
export interface Reached {
  readonly instructions: ReadonlySet<number>;
  /** Both sides of a branch: 2 × its place for the side where it holds, and that + 1 for the other. */
  readonly sides: ReadonlySet<number>;
  readonly runs: number;
}

/** A comparison on the way of one run. */
interface Comparison {
  readonly at: number;
  /** Index of the word of struct seccomp_data. */
  readonly word: number;
  readonly mask: number;
  readonly k: number;
}

/** Inputs kept for each branch that has a side nobody went. */
const WITNESSES = 12;

/**
 * Runs a compiled program until all of it was executed, or nothing brings more: from each input that comes to a branch
 * with a side that nobody went, the word which is compared there is changed to the constants on the way and their
 * neighbours, and the program is run again.
 *
 * @param inputs the words of struct seccomp_data to begin with
 * @throws {Error} for instructions that the compiler does not emit
 */
export function reach(program: Program, inputs: readonly Uint32Array[]): Reached {
  const instructions = new Set<number>();
  const sides = new Set<number>();
  const witnesses = new Map<number, Uint32Array[]>();
  const fresh: { readonly at: number; readonly input: Uint32Array }[] = [];
  let runs = 0;
  const run = (input: Uint32Array): void => {
    runs++;
    for (const { at } of walk(program, input, instructions, sides)) {
      const known = witnesses.get(at) ?? [];
      if (known.length >= WITNESSES) continue;
      witnesses.set(at, [...known, input]);
      fresh.push({ at, input });
    }
  };
  for (const input of [new Uint32Array(16), ...inputs]) run(input);
  for (let next = fresh.shift(); next !== undefined; next = fresh.shift()) {
    const { at, input } = next;
    const isWhole = (): boolean => sides.has(2 * at) && sides.has(2 * at + 1);
    if (isWhole()) continue;
    const way = walk(program, input, instructions, sides);
    const word = way.find((one) => one.at === at)?.word ?? 0;
    for (const value of candidates(
      way.filter((one) => one.word === word),
      input[word] ?? 0,
    )) {
      if (isWhole()) break;
      const changed = Uint32Array.from(input);
      changed[word] = value;
      run(changed);
    }
  }
  return { instructions, sides, runs };
}

function candidates(tests: readonly Comparison[], old: number): ReadonlySet<number> {
  const near = tests.flatMap(({ k, mask }) => [
    ...[k, k + 1, k - 1, ~k, mask, ~mask],
    ...[k, k + 1, k - 1, 0, ~0].map((value) => (old & ~mask) | (value & mask)),
  ]);
  return new Set([0, 0xffffffff, ...near].map((value) => value >>> 0));
}

/** One run: marks what it executes, and gives its comparisons. */
function walk(
  program: Program,
  input: Uint32Array,
  instructions: Set<number>,
  sides: Set<number>,
): Comparison[] {
  const way: Comparison[] = [];
  let [accumulator, word, masked] = [0, 0, 0xffffffff];
  for (let at = 0; ; at++) {
    const instruction = program[at];
    if (instruction === undefined) throw new Error(`the program ends without a return at ${at}`);
    const { code, jt, jf, k } = instruction;
    instructions.add(at);
    if (code === OP.ret) return way;
    if (code === OP.ja) at += k;
    else if (code === OP.ld_abs) {
      word = k >> 2;
      masked = 0xffffffff;
      accumulator = input[word] ?? 0;
    } else if (code === OP.and) {
      masked = k;
      accumulator = (accumulator & k) >>> 0;
    } else if (isBranch(code)) {
      way.push({ at, word, mask: code === OP.jset ? k : masked, k });
      const holds = holdsFor(code, accumulator, k);
      sides.add(2 * at + Number(!holds));
      at += holds ? jt : jf;
    } else throw new Error(`instruction 0x${code.toString(16)} at ${at} is not the compiler’s`);
  }
}

function holdsFor(code: number, accumulator: number, k: number): boolean {
  switch (code) {
    case OP.jeq:
      return accumulator === k;
    case OP.jgt:
      return accumulator > k;
    case OP.jge:
      return accumulator >= k;
    case OP.jset:
      return (accumulator & k) !== 0;
    default:
      throw new Error(`branch 0x${code.toString(16)} is not the compiler’s`);
  }
}

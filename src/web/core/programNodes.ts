import { isBranch, mnemonic, OP, type Program } from '../../bpf/instruction.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import { fromReturnValue } from '../../policy/action.js';
import { kindOf } from './verdictKind.js';
import type { VerdictKind } from './verdictKinds.js';

/** A comparison or an answer of a program, by the instruction that it stands at. */
export type ProgramNode = TestNode | AnswerNode;

export interface TestNode {
  readonly kind: 'test';
  readonly at: number;
  /** `number`, `arch`, `argument 0 (clone: flags), low half`; with a mask where there is one. */
  readonly of: string;
  readonly op: '=' | '>' | '≥' | '&';
  readonly value: number;
  /** Name of the value: a call, an architecture. */
  readonly name: string;
  /** Instructions of the nodes that follow. */
  readonly yes: number;
  readonly no: number;
}

export interface AnswerNode {
  readonly kind: 'answer';
  readonly at: number;
  readonly verdict: VerdictKind;
  readonly word: string;
}

const SIGNS: Readonly<Record<number, TestNode['op']>> = {
  [OP.jeq]: '=',
  [OP.jgt]: '>',
  [OP.jge]: '≥',
  [OP.jset]: '&',
};

/** The program as a graph of comparisons; the first node is where it begins. What is compared is told by each way's last load. */
export function programNodes(program: Program, remarks: readonly string[]): readonly ProgramNode[] {
  const nodes = new Map<number, ProgramNode>();
  const pending: (readonly [pc: number, of: string])[] = [];
  const reach = (start: number, loaded: string): number => {
    let [pc, of] = [start, loaded];
    for (;;) {
      const { code, k } = program[pc] ?? { code: OP.ret, k: 0 };
      if (code === OP.ld_abs) of = remarks[pc] ?? '';
      else if (code === OP.and) of = `${of} & 0x${k.toString(16)}`;
      else if (code === OP.ja) pc += k;
      else {
        if (!nodes.has(pc)) pending.push([pc, of]);
        return pc;
      }
      pc++;
    }
  };
  reach(0, '');
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const [pc, of] = next;
    const instruction = program[pc];
    if (instruction === undefined || nodes.has(pc)) continue;
    const { code, jt, jf, k } = instruction;
    if (!isBranch(code)) {
      nodes.set(pc, answerNode(pc, code, k));
      continue;
    }
    // Placed before its ways are walked, so that the first one stays first.
    const node = {
      kind: 'test',
      at: pc,
      of,
      op: SIGNS[code] ?? '=',
      value: k,
      name: remarks[pc] ?? '',
      yes: 0,
      no: 0,
    } as const;
    nodes.set(pc, node);
    nodes.set(pc, { ...node, yes: reach(pc + 1 + jt, of), no: reach(pc + 1 + jf, of) });
  }
  return [...nodes.values()];
}

function answerNode(at: number, code: number, k: number): AnswerNode {
  if (code !== OP.ret) throw new RangeError(`the compiler does not emit ${mnemonic(code)?.name ?? code}`);
  const verdict = verdictOf(fromReturnValue(k), 'x86_64');
  return { kind: 'answer', at, verdict: kindOf(verdict), word: verdictWord(verdict) };
}

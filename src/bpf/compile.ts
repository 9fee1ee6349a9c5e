import { type Action, toReturnValue } from '../policy/action.js';
import { foldDecision } from '../policy/fold.js';
import type { Decision, Policy, Section } from '../policy/policy.js';
import { orderTests } from './arguments.js';
import { maskedBranch } from './bitTest.js';
import { emit } from './emit.js';
import { createGraph, type Graph, type Node } from './graph.js';
import { MAX_INSTRUCTIONS, type Program } from './instruction.js';
import { ARCH_OFFSET, isLittleEndian, NUMBER_OFFSET, offsetOfWord } from './seccompData.js';
import { tooLarge } from './tooLarge.js';
import { type Leaf, searchTree } from './tree.js';
import { verify } from './verify.js';
import { defaultWeights, type NumberWeights } from './weights.js';

/** For which calls a program is short. */
export interface CompileOptions {
  /** The audit arch that is asked for first; default: that of the policy's first section. */
  readonly nativeArch?: number;
  /** How often calls have which number; default: an average of recorded programs. */
  readonly weights?: (auditArch: number) => NumberWeights;
  /** Lifts the program again and compares it with the policy; default true. Without it a defect would go unseen. */
  readonly verify?: boolean;
}

/** Share of calls that the native audit arch is expected to have. */
const NATIVE_SHARE = 0.75;
const FULL = 0xffffffff;
const LAST = 0xffffffff;

/**
 * The BPF program of a policy: by audit arch, then by number along a search tree that is short for frequent calls,
 * then by the words of arguments that matter. Ways to an ALLOW that depends on nothing but the number use only
 * instructions that the kernel's bitmap of constant ALLOWs understands (seccomp_is_const_allow).
 *
 * Calls of big-endian archs have their argument halves swapped; the bytes of the program itself are encode()'s matter.
 * @throws {CallgateError} INPUT when the program would be longer than the kernel's limit of 4096 instructions.
 */
export function compile(policy: Policy, options: CompileOptions = {}): Program {
  // Ordered comparisons run faster, but may take more room than the ones that are there, or be too hard to prove.
  let tooLong = Number.POSITIVE_INFINITY;
  for (const order of ORDERS) {
    const program = generate(policy, options, order);
    if (program.length > MAX_INSTRUCTIONS) tooLong = Math.min(tooLong, program.length);
    else if (options.verify === false || isSame(program, policy)) return program;
  }
  if (!Number.isFinite(tooLong)) throw new Error('the compiled filter cannot be proved');
  throw tooLarge(policy, tooLong, (section) =>
    Math.min(...ORDERS.map((order) => generate({ ...policy, sections: [section] }, options, order).length)),
  );
}

/** From the fastest to the one that is left when nothing else fits or can be proved. */
const ORDERS: readonly ((decision: Decision) => Decision)[] = [
  (decision) => orderTests(decision),
  (decision) => orderTests(decision, true),
  (decision) => decision,
];

/**
 * False when it cannot be told; a difference is a defect of the compiler, not a CallgateError.
 * @throws {Error}
 */
function isSame(program: Program, policy: Policy): boolean {
  const result = verify(program, policy);
  if (result.kind !== 'different') return result.kind === 'same';
  const call = result.differences[0]?.example;
  const text =
    call && `arch 0x${call.auditArch.toString(16)}, number ${call.number}, arguments ${call.args.join(' ')}`;
  throw new Error(`the compiled filter differs from its policy for ${text}`);
}

function generate(policy: Policy, options: CompileOptions, order: (decision: Decision) => Decision): Program {
  const graph = createGraph();
  const weights = options.weights ?? defaultWeights;
  const lower = lowering(graph, order);
  const native = options.nativeArch ?? policy.sections[0]?.auditArch;
  const nodes = policy.sections.map((section) => ({
    auditArch: section.auditArch,
    node: numberTree(
      graph,
      section,
      weights(section.auditArch),
      section.auditArch === native ? 1 : 1 - NATIVE_SHARE,
      lower,
    ),
  }));
  return emit(archTree(graph, nodes, graph.ret(toReturnValue(policy.otherArch)), native));
}

type Lower = (decision: Decision, littleEndian: boolean) => Node;

function lowering(graph: Graph, order: (decision: Decision) => Decision): Lower {
  const ordered = new Map<Decision, Decision>();
  const done = { little: new Map<Decision, Node>(), big: new Map<Decision, Node>() };
  const leaf = (action: Action): Node => graph.ret(toReturnValue(action));
  return (decision, littleEndian) => {
    let better = ordered.get(decision);
    if (better === undefined) {
      better = order(decision);
      ordered.set(decision, better);
    }
    return foldDecision<Node>(
      better,
      {
        leaf,
        test: ({ word, mask, op, value }, then, otherwise) =>
          maskedBranch(graph, offsetOfWord(word, littleEndian), mask, op, value, then, otherwise),
      },
      littleEndian ? done.little : done.big,
    );
  };
}

function numberTree(graph: Graph, section: Section, weigh: NumberWeights, share: number, lower: Lower): Node {
  const little = isLittleEndian(section.auditArch);
  const leaves: Leaf<Node>[] = [];
  for (const { from, to, decision } of section.ranges) {
    const target = lower(decision, little);
    const weight = weigh(from, to);
    const last = leaves.at(-1);
    if (last?.target === target) leaves[leaves.length - 1] = { ...last, to, weight: last.weight + weight };
    else leaves.push({ from, to, target, weight });
  }
  return searchTree(
    leaves,
    (op, value, then, otherwise) => graph.branch(NUMBER_OFFSET, FULL, op, value, then, otherwise),
    {
      bits: {
        join: (mask, then, otherwise) => graph.branch(NUMBER_OFFSET, mask, 'eq', 0, otherwise, then),
        weigh: (number) => weigh(number, number),
        share,
      },
    },
  );
}

function archTree(
  graph: Graph,
  sections: readonly { readonly auditArch: number; readonly node: Node }[],
  other: Node,
  native: number | undefined,
): Node {
  const known = sections.filter(({ node }) => node !== other).sort((a, b) => a.auditArch - b.auditArch);
  const leaves: Leaf<Node>[] = [];
  let next = 0;
  for (const { auditArch, node } of known) {
    if (next < auditArch) leaves.push({ from: next, to: auditArch - 1, target: other, weight: 0 });
    const weight = auditArch === native ? NATIVE_SHARE : (1 - NATIVE_SHARE) / known.length;
    leaves.push({ from: auditArch, to: auditArch, target: node, weight });
    next = auditArch + 1;
  }
  if (next <= LAST) leaves.push({ from: next, to: LAST, target: other, weight: 0 });
  return searchTree(leaves, (op, value, then, otherwise) =>
    graph.branch(ARCH_OFFSET, FULL, op, value, then, otherwise),
  );
}

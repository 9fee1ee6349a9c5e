import type { Program } from '../../bpf/instruction.js';
import { prepare } from '../../bpf/interpret.js';
import { dataWords } from '../../bpf/seccompData.js';
import { defaultWeights } from '../../bpf/weights.js';
import { decisionFor, halfOf, holds } from '../../policy/decide.js';
import type { Decision, Policy, Section } from '../../policy/policy.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import { syscallsOf } from '../../syscalls/table.js';
import { COST_EDGES } from './costEdges.js';

/** Instructions that each call executes, arguments 0, weighted by how often recorded programs make it. */
export interface Costs {
  readonly compiled: CostRow;
  /** One comparison after the other, by number, as libseccomp's plain filters have it. */
  readonly linear: CostRow;
  /** What a tree with one leaf for each range of numbers reaches at best: Huffman's code over the ranges. */
  readonly bound: CostRow;
}

export interface CostRow {
  readonly mean: number;
  readonly most: number;
  /** Share of all calls by instructions: up to each of COST_EDGES, the last one has no edge. */
  readonly shares: readonly number[];
}

/** Loads of arch and number, the comparison of arch, and the return. */
const FIXED = 4;

export function costsOf(policy: Policy, program: Program, arch: AbiName): Costs {
  const { auditArch } = abiOf(arch);
  const calls = syscallsOf(arch);
  const weigh = defaultWeights(auditArch);
  const weights = calls.map(({ number }) => weigh(number, number));
  const machine = prepare(program);
  const executed = calls.map(({ number }) => {
    machine.run(dataWords({ number, auditArch }));
    return machine.executed();
  });
  const section = policy.sections.find((candidate) => candidate.auditArch === auditArch);
  return {
    compiled: row(executed, weights),
    linear: row(linearCosts(section, calls), weights),
    bound: row(boundCosts(section, calls, weigh), weights),
  };
}

function row(costs: readonly number[], weights: readonly number[]): CostRow {
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const shares = Array.from({ length: COST_EDGES.length + 1 }, () => 0);
  let mean = 0;
  for (const [index, cost] of costs.entries()) {
    const share = (weights[index] ?? 0) / total;
    const edge = COST_EDGES.findIndex((most) => cost <= most);
    const bucket = edge < 0 ? COST_EDGES.length : edge;
    shares[bucket] = (shares[bucket] ?? 0) + share;
    mean += share * cost;
  }
  return { mean, most: Math.max(...costs), shares };
}

type Calls = readonly { readonly number: number }[];

/** libseccomp puts calls without conditions first (src/gen_bpf.c), each asked for by its number; x32 is asked for before. */
function linearCosts(section: Section | undefined, calls: Calls): readonly number[] {
  if (section === undefined) return calls.map(() => 1);
  const rest = section.ranges.at(-1)?.decision;
  const own = calls.filter(({ number }) => decisionFor(section, number) !== rest);
  const plain = own.filter(({ number }) => decisionFor(section, number).kind === 'leaf');
  const order = new Map(
    [...plain, ...own.filter((call) => !plain.includes(call))].map(({ number }, index) => [number, index]),
  );
  return calls.map(({ number }) => {
    const asked = (order.get(number) ?? order.size - 1) + 1;
    return FIXED + 1 + asked + argumentCost(decisionFor(section, number));
  });
}

/** A load and a comparison for each test on the way of arguments that are 0. */
function argumentCost(decision: Decision): number {
  let cost = 0;
  for (let node = decision; node.kind === 'test'; cost += 2) {
    node = holds(node, halfOf(0n, node.word)) ? node.then : node.else;
  }
  return cost;
}

function boundCosts(
  section: Section | undefined,
  calls: Calls,
  weigh: (from: number, to: number) => number,
): readonly number[] {
  if (section === undefined) return calls.map(() => 1);
  const lengths = codeLengths(section.ranges.map(({ from, to }) => weigh(from, to)));
  return calls.map(({ number }) => {
    const index = section.ranges.findIndex(({ from, to }) => from <= number && number <= to);
    // Where arguments matter, one is loaded and compared at least.
    const least = decisionFor(section, number).kind === 'test' ? 2 : 0;
    return FIXED + (lengths[index] ?? 0) + least;
  });
}

/** Lengths of Huffman's code. */
function codeLengths(weights: readonly number[]): readonly number[] {
  const lengths = weights.map(() => 0);
  const heap = weights.map((weight, index) => ({ weight, members: [index] }));
  while (heap.length > 1) {
    heap.sort((a, b) => b.weight - a.weight);
    const [one, other] = [heap.pop(), heap.pop()];
    if (one === undefined || other === undefined) break;
    const members = [...one.members, ...other.members];
    for (const index of members) lengths[index] = (lengths[index] ?? 0) + 1;
    heap.push({ weight: one.weight + other.weight, members });
  }
  return lengths;
}

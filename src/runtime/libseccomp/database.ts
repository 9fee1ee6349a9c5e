import { buildChain, type Comparison } from './chain.js';
import { insert, type Merge } from './insert.js';
import { type Node, releaseGraph, type Slot, spend, type Work } from './node.js';
import { prune, REDUNDANT, type Walk } from './prune.js';
import { type RuleSequence, rulesOf, sequenceOf, startOf } from './sequence.js';

/** What one ABI's part of a filter knows of one syscall number. */
export interface SyscallEntry extends RuleGraph {
  /** As in seccomp_data.nr; negative for calls that the ABI lacks, which take no part in the program. */
  readonly number: number;
}

/** The rules on a call as the library keeps them. */
export interface RuleGraph extends Slot {
  /** Counts only without comparisons. */
  action: number;
  /** The library's count, which orders the program: fewer nodes come first. */
  nodes: number;
}

/** What became of a rule: `shadowed` and `redundant` ones leave no trace in the program. */
export type AddOutcome = 'added' | 'shadowed' | 'redundant' | 'conflict';

/** Rules of one ABI, by number. */
export type Database = Map<number, CallRules>;

interface CallRules {
  sequence: RuleSequence;
  /** The graph of the sequence, while it grows. */
  growing: RuleGraph | undefined;
}

export interface NewRule {
  readonly number: number;
  readonly action: number;
  readonly comparisons: readonly Comparison[];
}

/**
 * Adds one rule as libseccomp's db_rule_add does: the first unconditional rule of a call wins over all later ones and
 * replaces earlier conditional ones; conditional ones are pruned against and merged with each other. What rules come to
 * depends on them and their order alone, so the same ones on another call or in another filter are not merged again.
 */
export function addRule(
  database: Database,
  { number, ...rule }: NewRule,
  bits: 32 | 64,
  fixedFalseBranch: boolean,
  work: Work,
): AddOutcome {
  const call = database.get(number) ?? { sequence: startOf(bits, fixedFalseBranch), growing: undefined };
  database.set(number, call);
  const before = call.sequence;
  call.sequence = sequenceOf(before, rule);
  const known = call.sequence.added;
  if (known !== undefined) {
    call.growing = undefined;
    // It counts as if it were done, so that the bound does not depend on what was asked before.
    spend(work, known.work);
    return known.outcome;
  }
  const { left } = work;
  const { graph, outcome } = extendGraph(call.growing ?? replay(before), rule, before, work);
  call.growing = graph;
  call.sequence.added = { outcome, work: left - work.left };
  return outcome;
}

/** What the rules have come to. The graphs must not be changed. */
export function entriesOf(database: Database): readonly SyscallEntry[] {
  return [...database].map(([number, call]) => {
    call.sequence.graph ??= call.growing ?? replay(call.sequence);
    // Another filter may have it now: the next rule grows one of its own.
    call.growing = undefined;
    const { next, action, nodes } = call.sequence.graph ?? { next: null, action: 0, nodes: 0 };
    return { number, next, action, nodes };
  });
}

function replay(sequence: RuleSequence): RuleGraph | undefined {
  let graph: RuleGraph | undefined;
  // It has been done before, so it comes to an end.
  const work: Work = { left: Number.POSITIVE_INFINITY };
  for (const rule of rulesOf(sequence)) ({ graph } = extendGraph(graph, rule, sequence, work));
  return graph;
}

function extendGraph(
  graph: RuleGraph | undefined,
  { action, comparisons }: Omit<NewRule, 'number'>,
  { bits, fixedFalseBranch }: Pick<RuleSequence, 'bits' | 'fixedFalseBranch'>,
  work: Work,
): { readonly graph: RuleGraph; readonly outcome: AddOutcome } {
  if (graph !== undefined && graph.next === null) return { graph, outcome: 'shadowed' };
  const chain = buildChain(bits, comparisons, action);
  if (graph === undefined)
    return { graph: { next: chain.next, action, nodes: chain.nodes }, outcome: 'added' };
  if (chain.next === null) {
    releaseGraph({ next: graph.next });
    graph.next = null;
    graph.nodes = 0;
    graph.action = action;
    return { graph, outcome: 'added' };
  }
  const added = { next: chain.next, nodes: chain.nodes };
  return { graph, outcome: addConditional(graph, added, action, fixedFalseBranch, work) };
}

function addConditional(
  graph: RuleGraph,
  chain: { next: Node; nodes: number },
  action: number,
  fixedFalseBranch: boolean,
  work: Work,
): AddOutcome {
  const walk: Walk = { found: 0, action, root: graph, work };
  const pruned = prune(graph.next, chain.next, walk);
  if (pruned > 0) {
    graph.nodes -= pruned;
    if (graph.next === null) {
      graph.next = chain.next;
      graph.action = action;
      graph.nodes = chain.nodes;
      return 'added';
    }
  } else if ((walk.found & REDUNDANT) === REDUNDANT) {
    return 'redundant';
  }
  const merge: Merge = { nodes: graph.nodes, changed: false, fixedFalseBranch, work };
  if (!insert(graph, chain.next, merge)) return 'conflict';
  graph.nodes = merge.nodes + chain.nodes - releaseGraph({ next: chain.next });
  return merge.changed ? 'added' : 'redundant';
}

import { buildChain, type Comparison } from './chain.js';
import { insert, type Merge } from './insert.js';
import { type Node, releaseGraph, type Slot, type Work } from './node.js';
import { prune, REDUNDANT, type Walk } from './prune.js';

/** What one ABI's part of a filter knows of one syscall number. */
export interface SyscallEntry extends Slot {
  /** As in seccomp_data.nr; negative for calls that the ABI lacks, which take no part in the program. */
  readonly number: number;
  /** Counts only without comparisons. */
  action: number;
  /** The library's count, which orders the program: fewer nodes come first. */
  nodes: number;
}

/** What became of a rule: `shadowed` and `redundant` ones leave no trace in the program. */
export type AddOutcome = 'added' | 'shadowed' | 'redundant' | 'conflict';

/** Rules of one ABI, by number. */
export type Database = Map<number, SyscallEntry>;

export interface NewRule {
  readonly number: number;
  readonly action: number;
  readonly comparisons: readonly Comparison[];
}

/**
 * Adds one rule as libseccomp's db_rule_add does: the first unconditional rule of a call wins over all later ones and
 * replaces earlier conditional ones; conditional ones are pruned against and merged with each other.
 */
export function addRule(
  database: Database,
  rule: NewRule,
  bits: 32 | 64,
  fixedFalseBranch: boolean,
  work: Work,
): AddOutcome {
  const { number, action } = rule;
  const chain = buildChain(bits, rule.comparisons, action);
  const entry = database.get(number);
  if (entry === undefined) {
    database.set(number, {
      number,
      next: chain.next,
      action,
      nodes: chain.nodes,
    });
    return 'added';
  }
  if (entry.next === null) return 'shadowed';
  if (chain.next === null) {
    releaseGraph({ next: entry.next });
    entry.next = null;
    entry.nodes = 0;
    entry.action = action;
    return 'added';
  }
  return addConditional(entry, { next: chain.next, nodes: chain.nodes }, action, fixedFalseBranch, work);
}

function addConditional(
  entry: SyscallEntry,
  chain: { next: Node; nodes: number },
  action: number,
  fixedFalseBranch: boolean,
  work: Work,
): AddOutcome {
  const walk: Walk = { found: 0, action, root: entry, work };
  const pruned = prune(entry.next, chain.next, walk);
  if (pruned > 0) {
    entry.nodes -= pruned;
    if (entry.next === null) {
      entry.next = chain.next;
      entry.action = action;
      entry.nodes = chain.nodes;
      return 'added';
    }
  } else if ((walk.found & REDUNDANT) === REDUNDANT) {
    return 'redundant';
  }
  const merge: Merge = { nodes: entry.nodes, changed: false, fixedFalseBranch, work };
  if (!insert(entry, chain.next, merge)) return 'conflict';
  entry.nodes = merge.nodes + chain.nodes - releaseGraph({ next: chain.next });
  return merge.changed ? 'added' : 'redundant';
}

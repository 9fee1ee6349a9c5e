import { fromReturnValue } from '../../policy/action.js';
import { buildRanges, LAST_NUMBER, overwrite } from '../../policy/build.js';
import { leaf } from '../../policy/decision.js';
import type { Decision, Policy, Range, Section } from '../../policy/policy.js';
import { type Blocks, blockLength, createBlocks, generate, type Target } from './blocks.js';
import { entriesOf, type SyscallEntry } from './database.js';
import { type Evaluated, evaluate } from './evaluate.js';
import { BAD_ARCH, type Filter, type FilterPart } from './filter.js';
import { place } from './place.js';
import { releaseHas } from './releases.js';

const X32_BIT = 0x40000000;

/** One audit arch of the program: an ABI, or x86_64 and x32 together. */
interface Group {
  readonly parts: readonly FilterPart[];
  /** Syscalls from the program's first to its last, with those that are left out. */
  readonly order: readonly SyscallEntry[];
}

/** What seccomp_export_bpf gives. */
export interface Exported {
  readonly policy: Policy;
  /** Instructions that its program has at least; returns and jumps that bridge long distances come on top. */
  readonly instructions: number;
}

/** What the program of seccomp_export_bpf answers. */
export function exportFilter(filter: Filter): Exported {
  const groups = groupParts(filter);
  const { entries, blocks } = compile(groups, filter);
  // From last to first: a group can fall through to those after it.
  const sections: Section[] = [];
  for (const group of [...groups].reverse()) sections.unshift(section(group, entries, filter, sections));
  return { policy: { sections, otherArch: BAD_ARCH }, instructions: countInstructions(groups, blocks) };
}

function groupParts(filter: Filter): Group[] {
  const groups: FilterPart[][] = [];
  for (const part of filter.parts) {
    const shared = groups.find((group) => group[0]?.abi.auditArch === part.abi.auditArch);
    if (shared === undefined) groups.push([part]);
    else shared.push(part);
  }
  return groups.map((parts) => ({ parts, order: sortEntries(parts, filter.optimize) }));
}

/** Fewest nodes first, or with the binary tree the highest number first; ties stay as they are. */
function sortEntries(parts: readonly FilterPart[], optimize: 1 | 2): SyscallEntry[] {
  const entries = parts.flatMap((part) =>
    [...entriesOf(part.database)].sort((a, b) => (a.number >>> 0) - (b.number >>> 0)),
  );
  return optimize === 2
    ? entries.sort((a, b) => (b.number >>> 0) - (a.number >>> 0))
    : entries.sort((a, b) => priority(b) - priority(a));
}

/** As in the library's 32-bit arithmetic: the node count can go below zero. */
function priority(entry: SyscallEntry): number {
  return (0xffff - entry.nodes) >>> 0;
}

function compile(groups: readonly Group[], { defaultAction, libseccomp }: Filter) {
  const blocks = createBlocks(releaseHas(libseccomp, 'accumulator-in-identity'));
  const leftOut = releaseHas(libseccomp, 'pseudo-calls-left-out');
  const generated = groups.map(({ order }) => {
    const targets: [SyscallEntry, Target][] = [];
    for (const entry of [...order].reverse()) {
      if (entry.number < 0 && leftOut) continue;
      targets.push([entry, entry.next === null ? entry.action : generate(blocks, entry.next, defaultAction)]);
    }
    return targets;
  });
  const all = generated.reverse().flat();
  for (const [, target] of all) place(target);
  const evaluated: Evaluated = new Map();
  const entries = new Map(all.map(([entry, target]) => [entry, evaluate(target, evaluated)]));
  return { entries, blocks };
}

/** One load of the arch, one check for each audit arch, one for each call, the comparisons, one return. */
function countInstructions(groups: readonly Group[], blocks: Blocks): number {
  let count = 2;
  for (const { order } of groups) count += 1 + order.filter((entry) => entry.number >= 0).length;
  for (const block of blocks.byContent.values()) if (block.placed) count += blockLength(block);
  return count;
}

function section(
  group: Group,
  entries: ReadonlyMap<SyscallEntry, Decision>,
  filter: Filter,
  following: readonly Section[],
): Section {
  const otherwise = leaf(fromReturnValue(filter.defaultAction));
  const decisions = new Map<number, Decision>();
  for (const entry of group.order) {
    const decision = entries.get(entry);
    // Older releases compare with pseudo numbers too, which no call has.
    if (decision !== undefined && entry.number >= 0) decisions.set(entry.number, decision);
  }
  const [first] = group.parts;
  const auditArch = first?.abi.auditArch ?? 0;
  const whole = fallsThrough(group, filter) ? fallThrough(following) : buildRanges(decisions, otherwise);
  const alone = group.parts.length === 1 ? first?.abi.name : undefined;
  if (alone === 'x86_64') {
    const skipped = releaseHas(filter.libseccomp, 'skipped-call-is-native');
    const lastForeign = skipped ? LAST_NUMBER - 1 : LAST_NUMBER;
    const ranges = overwrite(whole, X32_BIT, lastForeign, BAD_ARCH);
    return { auditArch, ranges };
  }
  if (alone === 'x32') return { auditArch, ranges: overwrite(whole, 0, X32_BIT - 1, BAD_ARCH) };
  if (neverLoadsNumber(group, filter)) {
    const constant = decisions.get(auditArch) ?? otherwise;
    return { auditArch, ranges: buildRanges(new Map(), constant) };
  }
  return { auditArch, ranges: whole };
}

/** Whether the program only loads the number and goes on with what follows. */
function fallsThrough({ order }: Group, { optimize, libseccomp }: Filter): boolean {
  return (
    optimize === 2 && !releaseHas(libseccomp, 'empty-binary-tree') && order.every((entry) => entry.number < 0)
  );
}

/** The number is taken for an audit arch by the sections that follow, and ends at the bad arch action. */
function fallThrough(following: readonly Section[]): readonly Range[] {
  const taken = new Map<number, Decision>();
  for (const { auditArch, ranges } of following) {
    const range = ranges.find(({ from, to }) => from <= auditArch && auditArch <= to);
    if (range !== undefined) taken.set(auditArch, range.decision);
  }
  return buildRanges(taken, leaf(BAD_ARCH));
}

/**
 * The load of the syscall number belongs to the program's first syscall of an audit arch. When a call that the ABI
 * lacks is first in the order, it is left out together with the load, and all numbers are compared with the audit arch
 * (_gen_bpf_syscalls; x86_64 or x32 alone load the number for their own check, the binary tree for its own).
 */
function neverLoadsNumber({ order }: Group, filter: Filter): boolean {
  if (!releaseHas(filter.libseccomp, 'pseudo-calls-left-out') || filter.optimize === 2) return false;
  const head = order[0];
  return head !== undefined && head.number < 0 && order.some((entry) => entry.number >= 0);
}

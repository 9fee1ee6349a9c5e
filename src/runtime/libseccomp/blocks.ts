import type { Word } from '../../policy/policy.js';
import { leftmost, type Node, rightwards } from './node.js';

/**
 * A block of the program that libseccomp generates (src/gen_bpf.c): it may load a word, may mask it, compares and
 * jumps. Blocks are shared between syscalls and ABIs when they are equal, and a shared block keeps one opinion on what
 * the accumulator holds when it starts. Where another jump arrives with something else loaded, the program compares
 * the wrong word; so the verdict depends on blocks, not on the rules' graph alone.
 */
export interface Block {
  readonly load: Word | undefined;
  readonly mask: number | undefined;
  readonly op: 'eq' | 'gt' | 'ge';
  readonly datum: number;
  readonly whenTrue: Target;
  readonly whenFalse: Target;
  /** What the block counts on being in the accumulator; undefined when it loads for itself. */
  readonly start: Accumulator | undefined;
  readonly end: Accumulator;
  placed: boolean;
  /** The block was placed after one that ends with something else, so it got instructions to load `start`. */
  reloads: boolean;
}

/** Another block, or an action (a return value). */
export type Target = Block | number;

/** A word of the arguments and the bits of it that are left; undefined before the first load. */
export interface Accumulator {
  readonly word: Word;
  readonly mask: number;
}

const ALL_BITS = 0xffffffff;

/** Blocks of one program, so that equal ones are the same object. */
export interface Blocks {
  readonly byContent: Map<string, Block>;
  readonly ids: Map<Block, number>;
  /** Whether equal instructions make equal blocks only with equal accumulators (since 2.4.1). */
  readonly compareAccumulators: boolean;
}

export function createBlocks(compareAccumulators: boolean): Blocks {
  return { byContent: new Map(), ids: new Map(), compareAccumulators };
}

function targetKey(blocks: Blocks, target: Target): string {
  return typeof target === 'number' ? `r${target}` : `${blocks.ids.get(target)}`;
}

function intern(blocks: Blocks, parts: Omit<Block, 'placed' | 'reloads'>): Block {
  const { load, mask, op, datum, whenTrue, whenFalse, start, end } = parts;
  const key = [
    load,
    mask,
    op,
    datum,
    targetKey(blocks, whenTrue),
    targetKey(blocks, whenFalse),
    ...(blocks.compareAccumulators ? [start?.word, start?.mask, end.word, end.mask] : []),
  ].join();
  const known = blocks.byContent.get(key);
  if (known !== undefined) return known;
  const block: Block = { ...parts, placed: false, reloads: false };
  blocks.byContent.set(key, block);
  blocks.ids.set(block, blocks.ids.size);
  return block;
}

/** The block that the checks of a syscall start with; `otherwise` is the default action. */
export function generate(blocks: Blocks, root: Node, otherwise: number): Target {
  return generateLevel({ blocks, done: new Map() }, root, otherwise, undefined);
}

interface Generation {
  readonly blocks: Blocks;
  readonly done: Map<Node, Map<string, Target>>;
}

/** One comparison of a level before its targets are known. */
interface Draft {
  readonly node: Node;
  readonly load: Word | undefined;
  readonly mask: number | undefined;
  readonly start: Accumulator | undefined;
  readonly end: Accumulator;
}

function generateLevel(
  generation: Generation,
  entry: Node,
  next: Target,
  before: Accumulator | undefined,
): Target {
  const first = leftmost(entry);
  const key = `${targetKey(generation.blocks, next)},${before?.word},${before?.mask}`;
  const done = generation.done.get(first) ?? new Map<string, Target>();
  generation.done.set(first, done);
  const known = done.get(key);
  if (known !== undefined) return known;
  let target = next;
  for (const draft of draftLevel(first, before).reverse()) target = finish(generation, draft, target);
  done.set(key, target);
  return target;
}

/** Each comparison takes for granted what its left sibling leaves in the accumulator. */
function draftLevel(first: Node, before: Accumulator | undefined): Draft[] {
  const drafts: Draft[] = [];
  let accumulator = before;
  for (const node of rightwards(first)) {
    const usable = accumulator?.word === node.word && (node.mask & accumulator.mask) >>> 0 === node.mask;
    const left = usable ? (accumulator?.mask ?? ALL_BITS) : ALL_BITS;
    const end = { word: node.word, mask: node.mask };
    drafts.push({
      node,
      load: usable ? undefined : node.word,
      mask: left === node.mask ? undefined : node.mask,
      start: usable ? accumulator : undefined,
      end,
    });
    accumulator = end;
  }
  return drafts;
}

function finish(generation: Generation, draft: Draft, next: Target): Block {
  const { node, load, mask, start, end } = draft;
  const target = (branch: Node['whenTrue']): Target => {
    if (branch.next !== null) return generateLevel(generation, branch.next, next, end);
    return branch.hasAction ? branch.action : next;
  };
  return intern(generation.blocks, {
    load,
    mask,
    op: node.op === 'masked' ? 'eq' : node.op,
    datum: node.datum,
    whenTrue: target(node.whenTrue),
    whenFalse: target(node.whenFalse),
    start,
    end,
  });
}

/** Instructions of a placed block. */
export function blockLength({ load, mask, start, reloads }: Block): number {
  const reload = reloads ? 1 + (start?.mask === ALL_BITS ? 0 : 1) : 0;
  return reload + (load === undefined ? 0 : 1) + (mask === undefined ? 0 : 1) + 1;
}

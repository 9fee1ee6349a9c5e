import type { Block, Target } from './blocks.js';

/**
 * Places a syscall's blocks, and decides which of them load their word anew: the first jump to a block puts it into
 * the program, and only then is the accumulator compared (_gen_bpf_build_bpf). Call it from the program's last syscall
 * to its first.
 */
export function place(entry: Target): void {
  if (typeof entry === 'number' || entry.placed) return;
  entry.placed = true;
  const open: Block[] = [entry];
  while (open.length > 0) {
    const block = open[open.length - 1];
    if (block === undefined) return;
    const found = [block.whenTrue, block.whenFalse].find(isUnplaced);
    if (found === undefined) {
      open.pop();
      continue;
    }
    found.placed = true;
    const { start } = found;
    found.reloads = start !== undefined && (start.word !== block.end.word || start.mask !== block.end.mask);
    open.push(found);
  }
}

function isUnplaced(target: Target): target is Block {
  return typeof target !== 'number' && !target.placed;
}

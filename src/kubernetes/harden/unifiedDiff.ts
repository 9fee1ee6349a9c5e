import type { Edit } from '../../lint/edit.js';

/** Lines around a change that a patch shows. */
const CONTEXT = 3;

/** Whole lines that an edit replaces. */
interface Block {
  /** Offsets of the old lines. */
  from: number;
  to: number;
  edits: Edit[];
}

/**
 * What `diff -u` would say of a text and its edits: a patch that `patch` and `git apply` take.
 *
 * @param edits that do not overlap
 */
export function unifiedDiff(text: string, edits: readonly Edit[], file: string): string {
  if (edits.length === 0) return '';
  const blocks = blocksOf(text, edits);
  const lines = [`--- a/${file}`, `+++ b/${file}`];
  const old = splitLines(text);
  let grown = 0;
  for (const group of grouped(blocks, text)) {
    const changes = group.map((block) => changeOf(text, block));
    const first = Math.max(0, (changes[0]?.line ?? 0) - CONTEXT);
    const last = Math.min(
      old.length,
      (changes.at(-1)?.line ?? 0) + (changes.at(-1)?.removed.length ?? 0) + CONTEXT,
    );
    const body: string[] = [];
    let at = first;
    let difference = 0;
    for (const { line, removed, added } of changes) {
      body.push(...old.slice(at, line).map((same) => ` ${same}`));
      body.push(...removed.map((gone) => `-${gone}`), ...added.map((fresh) => `+${fresh}`));
      at = line + removed.length;
      difference += added.length - removed.length;
    }
    body.push(...old.slice(at, last).map((same) => ` ${same}`));
    const count = last - first;
    lines.push(
      `@@ -${first + 1},${count} +${first + 1 + grown},${count + difference} @@`,
      ...body.map(marked),
    );
    grown += difference;
  }
  return `${lines.join('\n')}\n`;
}

/** Lines with their ends, so that a last line without one can be told. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(line: string): string {
  return line.endsWith('\n') ? line.slice(0, -1) : `${line}\n\\ No newline at end of file`;
}

function blocksOf(text: string, edits: readonly Edit[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    // Whole lines put in between lines replace none.
    const between =
      edit.from === edit.to && edit.text.endsWith('\n') && (edit.from === 0 || text[edit.from - 1] === '\n');
    const from = between ? edit.from : text.lastIndexOf('\n', edit.from - 1) + 1;
    const end = text.indexOf('\n', edit.to);
    const to = between ? edit.to : end < 0 ? text.length : end + 1;
    const last = blocks.at(-1);
    if (last !== undefined && from <= last.to) {
      last.to = Math.max(last.to, to);
      last.edits.push(edit);
    } else blocks.push({ from, to, edits: [edit] });
  }
  return blocks;
}

/** Changes near each other share a hunk. */
function grouped(blocks: readonly Block[], text: string): readonly (readonly Block[])[] {
  const groups: Block[][] = [];
  for (const block of blocks) {
    const before = groups.at(-1)?.at(-1);
    const between = before === undefined ? undefined : splitLines(text.slice(before.to, block.from)).length;
    if (between !== undefined && between <= 2 * CONTEXT) groups.at(-1)?.push(block);
    else groups.push([block]);
  }
  return groups;
}

interface Change {
  /** 0-based line of the old text. */
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

function changeOf(text: string, { from, to, edits }: Block): Change {
  let fresh = '';
  let at = from;
  for (const edit of edits) {
    fresh += text.slice(at, edit.from) + edit.text;
    at = edit.to;
  }
  const removed = [...splitLines(text.slice(from, to))];
  const added = [...splitLines(fresh + text.slice(at, to))];
  let line = splitLines(text.slice(0, from)).length;
  while (removed.length > 0 && removed[0] === added[0]) {
    removed.shift();
    added.shift();
    line++;
  }
  while (removed.length > 0 && removed.at(-1) === added.at(-1)) {
    removed.pop();
    added.pop();
  }
  return { line, removed, added };
}

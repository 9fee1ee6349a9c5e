import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLSeq } from 'yaml';
import type { Edit } from '../../lint/edit.js';
import { flowText, insertFields, insertItem, type Style } from './insert.js';
import type { ParsedMap, ParsedPair, Tree } from './tree.js';
import type { Wanted } from './wish.js';

export interface Writing {
  readonly tree: Tree;
  readonly style: Style;
  /** Mappings that others use who must not change. */
  readonly untouchable: (map: ParsedMap) => boolean;
  readonly edits: Edit[];
  readonly notes: string[];
}

/** Makes a mapping hold what is wanted: what is there is changed in place, what is missing is put in at once. */
export function writeFields(writing: Writing, map: ParsedMap, wanted: Wanted, atTop = false): void {
  const missing: Record<string, Wanted[string]> = {};
  for (const [key, value] of Object.entries(wanted)) {
    const pair = writing.tree.find(map, key);
    if (pair === undefined) missing[key] = value;
    else writeField(writing, pair, value);
  }
  if (Object.keys(missing).length > 0)
    writing.edits.push(insertFields(writing.tree, writing.style, map, missing, atTop));
}

function writeField(writing: Writing, pair: ParsedPair, value: Wanted[string]): void {
  const { tree, style, edits } = writing;
  const written = pair.value;
  const node = tree.resolve(written);
  if (isMap(node) && isWanted(value)) {
    const map = node as ParsedMap;
    if (!writing.untouchable(map)) writeFields(writing, map, value);
    else if (isAlias(written))
      edits.push(replaced(written, `{<<: *${written.source}, ${flowText(value, style).slice(1)}`));
    else
      writing.notes.push(
        `what others share through &${map.anchor ?? ''} is not changed, as they must not have it`,
      );
    return;
  }
  if (isSeq(node) && Array.isArray(value)) {
    const seq = node as YAMLSeq.Parsed;
    const has = new Set(seq.items.map((item) => scalarOf(tree.resolve(item as ParsedNode))));
    for (const word of value as readonly string[])
      if (!has.has(word)) edits.push(insertItem(tree, style, seq, word));
    return;
  }
  if (scalarOf(node) === value) return;
  if (written === null || written.range[0] === written.range[1]) {
    const at = written?.range[0] ?? pair.key.range[1] + 1;
    edits.push({ from: at, to: at, text: ` ${flowText(value, style)}` });
  } else edits.push(replaced(written, flowText(value, style, quoteOf(tree.text, written))));
}

const isWanted = (value: Wanted[string]): value is Wanted =>
  typeof value === 'object' && !Array.isArray(value);

function scalarOf(node: ParsedNode | null): unknown {
  return isScalar(node) ? node.value : undefined;
}

const replaced = ({ range }: ParsedNode, text: string): Edit => ({ from: range[0], to: range[1], text });

/** The quotes that the old word stands in. */
function quoteOf(text: string, { range }: ParsedNode): string {
  const first = text.charAt(range[0]);
  return first === '"' || first === "'" ? first : '';
}

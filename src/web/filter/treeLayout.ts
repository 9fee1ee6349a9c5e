import type { ProgramNode } from '../core/programNodes.js';

/** A node of the tree as it is drawn. The program shares what it can, so one node may be drawn in several places. */
export interface Placed {
  /** The way from the root, `y` and `n`. */
  readonly way: string;
  readonly node: ProgramNode;
  /** Columns and rows, from 0. */
  readonly x: number;
  readonly y: number;
  readonly isOpen: boolean;
}

/** No reader follows a larger tree; it would slow the page. */
const MOST = 600;

/**
 * Places a tree with its root in the middle of the rows of what is below it.
 *
 * @param isOpen by way from the root
 */
export function placeTree(
  nodes: readonly ProgramNode[],
  isOpen: (way: string) => boolean,
): readonly Placed[] {
  const byPlace = new Map(nodes.map((node) => [node.at, node]));
  const placed: Placed[] = [];
  let row = 0;
  const place = (at: number, way: string): number => {
    const node = byPlace.get(at);
    if (node === undefined || placed.length >= MOST) return row;
    const opened = node.kind === 'test' && isOpen(way);
    const y = opened ? (place(node.yes, `${way}y`) + place(node.no, `${way}n`)) / 2 : row++;
    placed.push({ way, node, x: way.length, y, isOpen: opened });
    return y;
  };
  const [root] = nodes;
  if (root !== undefined) place(root.at, '');
  return placed;
}

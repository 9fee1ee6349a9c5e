import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ProgramNode } from '../core/programNodes.js';
import type { TraceStep } from '../core/trace.js';
import { Icon } from '../parts/icon.js';
import { VerdictTag } from '../parts/verdictTag.js';
import { testWords } from './testWords.js';
import { type Placed, placeTree } from './treeLayout.js';

interface Props {
  readonly nodes: readonly ProgramNode[];
  readonly passed: ReadonlySet<number>;
  readonly at: number | undefined;
  readonly way: readonly TraceStep[] | undefined;
}

const COLUMN = 196;
const ROW = 34;
const WIDTH = 164;
const HEIGHT = 26;
const MARGIN = 16;
const OPEN_DEPTH = 4;

/** The program as a tree of comparisons; the way of the traced call is open. */
export function Graph({ nodes, passed, at, way }: Props) {
  const opened = useSignal<ReadonlyMap<string, boolean>>(new Map());
  const box = useRef<HTMLDivElement>(null);
  const traced = wayOf(nodes, way);
  const isOpen = (path: string): boolean =>
    opened.value.get(path) ?? (path.length < OPEN_DEPTH || traced.startsWith(path));
  const placed = placeTree(nodes, isOpen);
  const onWay = ({ way: path, node }: Placed): boolean => traced.startsWith(path) && passed.has(node.at);
  const current = placed
    .filter(onWay)
    .reduce<Placed | undefined>((deepest, one) => (one.x >= (deepest?.x ?? 0) ? one : deepest), undefined);
  useEffect(() => {
    if (box.current === null || current === undefined) return;
    // As much as fits of the way there.
    box.current.scrollLeft = current.x * COLUMN + WIDTH + 2 * MARGIN - box.current.clientWidth;
    box.current.scrollTop = current.y * ROW - box.current.clientHeight / 2;
  }, [at, traced]);
  const byWay = new Map(placed.map((one) => [one.way, one]));
  const size = {
    width: (Math.max(...placed.map(({ x }) => x)) + 1) * COLUMN,
    height: (Math.max(...placed.map(({ y }) => y)) + 1) * ROW,
  };
  return (
    <section class="graph-part" aria-label="Decision tree">
      <h3>Decision tree</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <div class="graph" ref={box} tabIndex={0}>
        <div class="graph-space" style={{ width: `${size.width}px`, height: `${size.height}px` }}>
          <svg width={size.width} height={size.height} aria-hidden="true">
            {placed.map((to) => {
              const from = byWay.get(to.way.slice(0, -1));
              if (to.way === '' || from === undefined) return null;
              const [x1, y1, x2, y2] = [from.x * COLUMN + WIDTH, middle(from), to.x * COLUMN, middle(to)];
              const bend = (x1 + x2) / 2;
              return (
                <g key={to.way} class={onWay(to) ? 'edge on-way' : 'edge'}>
                  <path d={`M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`} />
                  <text x={x2 - 6} y={y2 - 4}>
                    {to.way.endsWith('y') ? 'yes' : 'no'}
                  </text>
                </g>
              );
            })}
          </svg>
          {placed.map((one) => (
            <Box
              key={one.way}
              placed={one}
              onWay={onWay(one)}
              isCurrent={one === current}
              toggle={() => {
                opened.value = new Map(opened.value).set(one.way, !one.isOpen);
              }}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

const middle = ({ y }: Placed): number => y * ROW + HEIGHT / 2;

/** The comparisons of a trace as a way from the root. */
function wayOf(nodes: readonly ProgramNode[], steps: readonly TraceStep[] = []): string {
  const tests = new Set(nodes.flatMap((node) => (node.kind === 'test' ? [node.at] : [])));
  return steps.flatMap(({ at, holds }) => (tests.has(at) ? [holds === true ? 'y' : 'n'] : [])).join('');
}

interface BoxProps {
  readonly placed: Placed;
  readonly onWay: boolean;
  readonly isCurrent: boolean;
  readonly toggle: () => void;
}

function Box({ placed: { node, x, y, isOpen }, onWay, isCurrent, toggle }: BoxProps) {
  const style = { left: `${x * COLUMN}px`, top: `${y * ROW}px` };
  const kind = `node ${onWay ? 'on-way' : ''} ${isCurrent ? 'current' : ''}`;
  if (node.kind === 'answer') {
    return (
      <div class={`${kind} answer`} style={style}>
        <VerdictTag kind={node.verdict} word={node.word} />
      </div>
    );
  }
  const { short, long } = testWords(node);
  return (
    <button
      type="button"
      class={kind}
      style={style}
      aria-expanded={isOpen}
      title={`${long}\ninstruction ${node.at}`}
      onClick={toggle}
    >
      <span>{short}</span>
      <Icon name={isOpen ? 'back' : 'on'} />
    </button>
  );
}

import { useComputed, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { type Cell, cells } from '../state/map.js';
import { only } from '../state/place.js';
import { compareCategories, titleOf } from './categories.js';
import { CellButton } from './cellButton.js';
import { GroupCount } from './groupCount.js';
import { enter, enterFirst, moveFocus } from './moveFocus.js';
import { density, matches } from './shown.js';

/** Every call of the architecture, grouped by purpose. Arrow keys walk from cell to cell. */
export function Grid() {
  const groups = useComputed(() => grouped(cells.value));
  const map = useRef<HTMLDivElement>(null);
  useSignalEffect(() => {
    // What they say decides which cells can be entered; it is on the page a moment later.
    void [cells.value, matches.value, only.value];
    const later = requestAnimationFrame(() => map.current !== null && enterFirst(map.current));
    return () => cancelAnimationFrame(later);
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the cells in it end here; it is no control itself
    <div
      ref={map}
      class="map"
      data-density={density.value}
      onKeyDown={moveFocus}
      onFocusIn={({ currentTarget, target }) =>
        target instanceof HTMLButtonElement && enter(currentTarget, target)
      }
    >
      {groups.value.map(([category, members]) => (
        <section key={category} class="group" aria-labelledby={`group-${category}`}>
          <h2 id={`group-${category}`}>
            {titleOf(category)} <GroupCount cells={members} />
          </h2>
          <ul>
            {members.map((cell) => (
              <CellButton key={cell.call.name} cell={cell} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function grouped(all: readonly Cell[]): readonly (readonly [string, readonly Cell[]])[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of all) {
    const members = groups.get(cell.call.category);
    if (members === undefined) groups.set(cell.call.category, [cell]);
    else members.push(cell);
  }
  for (const members of groups.values()) members.sort((a, b) => (a.call.name < b.call.name ? -1 : 1));
  return [...groups].sort(([a], [b]) => compareCategories(a, b));
}

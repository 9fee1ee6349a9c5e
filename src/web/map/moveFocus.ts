const VISIBLE = 'li:not([hidden]) > .cell';
const KEYS = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']);

/** Arrow keys on the map: one cell is in the tab order, the others are reached from there. */
export function moveFocus(event: KeyboardEvent): void {
  const { currentTarget, target, key } = event;
  if (!KEYS.has(key) || !(currentTarget instanceof HTMLElement) || !(target instanceof HTMLButtonElement))
    return;
  const all = [...currentTarget.querySelectorAll<HTMLButtonElement>(VISIBLE)];
  const next = neighbour(all, all.indexOf(target), key);
  if (next === undefined) return;
  event.preventDefault();
  enter(currentTarget, next);
  next.focus();
}

/** Puts the first cell into the tab order, if none that shows is in it. */
export function enterFirst(map: HTMLElement): void {
  const first = map.querySelector<HTMLButtonElement>(VISIBLE);
  if (first !== null && map.querySelector(`${VISIBLE}[tabindex="0"]`) === null) enter(map, first);
}

/** Puts one cell into the tab order. */
export function enter(map: HTMLElement, cell: HTMLButtonElement): void {
  for (const other of map.querySelectorAll<HTMLButtonElement>('.cell[tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
}

function neighbour(
  all: readonly HTMLButtonElement[],
  at: number,
  key: string,
): HTMLButtonElement | undefined {
  switch (key) {
    case 'ArrowLeft':
      return all[at - 1];
    case 'ArrowRight':
      return all[at + 1];
    case 'Home':
      return all[0];
    case 'End':
      return all.at(-1);
    default:
      return inRow(all, at, key === 'ArrowDown' ? 1 : -1);
  }
}

/** The nearest cell of the next row, wherever its group begins. */
function inRow(
  all: readonly HTMLButtonElement[],
  at: number,
  direction: 1 | -1,
): HTMLButtonElement | undefined {
  const here = all[at]?.getBoundingClientRect();
  if (here === undefined) return undefined;
  const rest = direction === 1 ? all.slice(at + 1) : all.slice(0, at).reverse();
  let best: { readonly cell: HTMLButtonElement; readonly distance: number } | undefined;
  let row: number | undefined;
  for (const cell of rest) {
    const { top, left } = cell.getBoundingClientRect();
    if (Math.abs(top - here.top) < 2) continue;
    row ??= top;
    if (Math.abs(top - row) > 2) break;
    const distance = Math.abs(left - here.left);
    if (best === undefined || distance < best.distance) best = { cell, distance };
  }
  return best?.cell;
}

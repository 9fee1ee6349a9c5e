import type { Cell } from '../state/map.js';

/** How many calls of a group are allowed. */
export function GroupCount({ cells }: { readonly cells: readonly Cell[] }) {
  const allowed = cells.filter(({ verdict }) => verdict.value.kind === 'allowed').length;
  return (
    <span class="count" title={`${allowed} of ${cells.length} are allowed`}>
      {allowed}/{cells.length}
    </span>
  );
}

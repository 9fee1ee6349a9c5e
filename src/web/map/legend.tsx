import type { VerdictKind } from '../core/verdictKinds.js';
import { Glyph } from '../parts/glyph.js';
import { Icon } from '../parts/icon.js';
import { cells, counts } from '../state/map.js';
import { only, search } from '../state/place.js';
import { density, matches } from './shown.js';

const KINDS: readonly { readonly kind: VerdictKind; readonly title: string; readonly always: boolean }[] = [
  { kind: 'allowed', title: 'allowed', always: true },
  { kind: 'arguments', title: 'by arguments', always: true },
  { kind: 'errno', title: 'errno', always: true },
  { kind: 'enosys', title: 'ENOSYS', always: true },
  { kind: 'killed', title: 'killed', always: true },
  { kind: 'handed', title: 'traced or supervised', always: false },
  { kind: 'none', title: 'not known', always: false },
];

/** What the signs mean, how many there are, and which of them are shown. */
export function Legend() {
  const found = counts.value;
  return (
    <div class="legend">
      <fieldset>
        <legend class="unseen">Show only</legend>
        {KINDS.filter(({ kind, always }) => always || found.has(kind)).map(({ kind, title }) => (
          <button
            key={kind}
            type="button"
            class="key"
            data-kind={kind}
            aria-pressed={only.value.includes(kind)}
            onClick={() => toggle(kind)}
          >
            <Glyph kind={kind} />
            {title} <span class="count">{found.get(kind) ?? 0}</span>
          </button>
        ))}
      </fieldset>
      <Search />
      <Density />
    </div>
  );
}

function toggle(kind: VerdictKind): void {
  only.value = only.value.includes(kind)
    ? only.value.filter((other) => other !== kind)
    : [...only.value, kind];
}

function Density() {
  return (
    <fieldset class="density">
      <legend class="unseen">Density</legend>
      {(['names', 'overview'] as const).map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={density.value === name}
          onClick={() => {
            density.value = name;
          }}
        >
          {name === 'names' ? 'Names' : 'Overview'}
        </button>
      ))}
    </fieldset>
  );
}

function Search() {
  const found =
    search.value.trim() === '' ? undefined : cells.value.filter(({ call }) => matches.value(call)).length;
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search"
        placeholder="Name, number, 0x…, purpose"
        aria-label="Search calls by name, number or purpose"
        value={search.value}
        onInput={({ currentTarget }) => {
          search.value = currentTarget.value;
        }}
      />
      <span class="quiet" role="status">
        {found === undefined ? '' : `${found} found`}
      </span>
    </div>
  );
}

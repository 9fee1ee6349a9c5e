import { useComputed } from '@preact/signals';
import { Glyph } from '../parts/glyph.js';
import { spoken } from '../parts/spoken.js';
import type { Cell } from '../state/map.js';
import { only, call as openCall } from '../state/place.js';
import { matches } from './shown.js';

export function CellButton({ cell }: { readonly cell: Cell }) {
  const { call } = cell;
  const verdict = cell.verdict.value;
  const before = cell.before.value;
  const isHidden = useComputed(
    () => !matches.value(call) || (only.value.length > 0 && !only.value.includes(cell.verdict.value.kind)),
  );
  const isOpen = useComputed(() => openCall.value === call.name);
  const words = `${call.name}, ${spoken(verdict)}${before === undefined ? '' : `, before ${before}`}`;
  return (
    <li hidden={isHidden.value}>
      <button
        type="button"
        class={`cell ${before === undefined ? '' : 'changed'}`}
        data-call={call.name}
        data-kind={verdict.kind}
        data-verdict={verdict.word}
        aria-label={words}
        aria-pressed={isOpen.value}
        tabIndex={-1}
        title={`${call.number}  ${call.purpose}\n${verdict.cases ?? verdict.word}${before === undefined ? '' : `\nbefore: ${before}`}`}
        onClick={() => {
          openCall.value = isOpen.value ? '' : call.name;
        }}
      >
        <Glyph kind={verdict.kind} />
        <span>{call.name}</span>
      </button>
    </li>
  );
}

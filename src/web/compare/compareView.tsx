import { useComputed, useSignal } from '@preact/signals';
import type { CompareReply, CompareRow } from '../core/compare.js';
import { ContextSentence } from '../parts/contextSentence.js';
import { CopyButton } from '../parts/copyButton.js';
import { FailureNote } from '../parts/failureNote.js';
import { Icon } from '../parts/icon.js';
import { useAsked } from '../state/asked.js';
import { askAtLength } from '../state/client.js';
import { other, words } from '../state/place.js';
import { CompareTable } from './compareTable.js';
import { SideFields } from './sideFields.js';

type Direction = CompareRow['direction'];

/** Two contexts side by side, and only what differs. */
export function CompareView() {
  const asked = useAsked(() => askAtLength('compare', words.value, other.value));
  const { reply, failure, waiting } = asked.value;
  const left = useComputed(() => asked.value.reply?.left);
  const right = useComputed(() => asked.value.reply?.right);
  return (
    <>
      <div class="sides">
        <SideFields title="Before" target={words} context={left} id="left" />
        <button
          type="button"
          class="icon-button"
          aria-label="Swap the sides"
          title="Swap the sides"
          onClick={swap}
        >
          <Icon name="swap" />
        </button>
        <SideFields title="After" target={other} context={right} id="right" />
      </div>
      {failure !== undefined && <FailureNote failure={failure} />}
      {reply !== undefined && (
        <div aria-busy={waiting}>
          <Differences reply={reply} />
        </div>
      )}
    </>
  );
}

function swap(): void {
  const before = words.value;
  words.value = other.value;
  other.value = before;
}

const DIRECTIONS: readonly { readonly direction: Direction; readonly title: string }[] = [
  { direction: 'opens', title: 'get further' },
  { direction: 'closes', title: 'get less far' },
  { direction: 'both', title: 'further or less far, by arguments' },
  { direction: 'otherwise', title: 'refused in another way' },
];

function Differences({ reply }: { readonly reply: CompareReply }) {
  const only = useSignal<Direction | undefined>(undefined);
  const { rows, equal, left, right } = reply;
  if (equal) {
    return (
      <div class="empty">
        <p>
          <strong>Both filters answer every call alike.</strong> Proved over every architecture, all 2³²
          numbers and all argument bits.
        </p>
      </div>
    );
  }
  const shown = only.value === undefined ? rows : rows.filter(({ direction }) => direction === only.value);
  return (
    <>
      <div class="compare-head">
        <div>
          <ContextSentence context={left} />
          <ContextSentence context={right} />
        </div>
        <CopyButton label="Copy link to this comparison" text={() => location.href} />
      </div>
      <div class="legend">
        <fieldset>
          <legend class="unseen">Show only</legend>
          {DIRECTIONS.map(({ direction, title }) => {
            const count = rows.filter((row) => row.direction === direction).length;
            return (
              count > 0 && (
                <button
                  key={direction}
                  type="button"
                  class="key plain-key"
                  aria-pressed={only.value === direction}
                  onClick={() => {
                    only.value = only.value === direction ? undefined : direction;
                  }}
                >
                  {title} <span class="count">{count}</span>
                </button>
              )
            );
          })}
        </fieldset>
      </div>
      <CompareTable rows={shown} />
      <Beyond reply={reply} />
      <p class="quiet">
        Nothing else differs: proved over every architecture, all 2³² numbers and all argument bits.
      </p>
    </>
  );
}

function Beyond({ reply: { numbers, otherArchitectures } }: { readonly reply: CompareReply }) {
  if (numbers.length === 0 && otherArchitectures === undefined) return null;
  return (
    <details class="notes">
      <summary>Besides calls with a name</summary>
      <ul>
        {numbers.map((text) => (
          <li key={text}>{text}</li>
        ))}
        {otherArchitectures !== undefined && <li>every other architecture: {otherArchitectures}</li>}
      </ul>
    </details>
  );
}

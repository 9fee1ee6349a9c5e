import { useEffect, useRef } from 'preact/hooks';
import type { CellReply } from '../core/cell.js';
import { FailureNote } from '../parts/failureNote.js';
import { Icon } from '../parts/icon.js';
import { VerdictTag } from '../parts/verdictTag.js';
import { useAsked } from '../state/asked.js';
import { askAtLength } from '../state/client.js';
import { call, view, words } from '../state/place.js';
import { Reasons } from './reasons.js';
import { Remedies } from './remedies.js';
import { Rules } from './rules.js';
import { Strips } from './strips.js';

/** Everything about the call whose cell is open. */
export function CellPanel() {
  const asked = useAsked(() =>
    call.value === '' ? undefined : askAtLength('cell', words.value, call.value),
  );
  const { reply, failure, waiting } = asked.value;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const close = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') closePanel();
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, []);
  return (
    <aside ref={panel} class="panel" aria-label={`The call ${call.value}`} aria-busy={waiting}>
      <button
        type="button"
        class="icon-button panel-close"
        aria-label="Close"
        title="Close (Esc)"
        onClick={closePanel}
      >
        <Icon name="close" />
      </button>
      {failure !== undefined && <FailureNote failure={failure} />}
      {reply === undefined ? (
        failure === undefined && <h2 class="call-name">{call.value}</h2>
      ) : (
        <Told reply={reply} />
      )}
    </aside>
  );
}

/** The focus goes back to the cell that was open. */
function closePanel(): void {
  const name = call.value;
  call.value = '';
  document.querySelector<HTMLButtonElement>(`.cell[data-call="${CSS.escape(name)}"]`)?.focus();
}

function Told({ reply }: { readonly reply: CellReply }) {
  const { name, number, abi, signature, purpose, risk, kind, word, then, cases } = reply;
  return (
    <>
      <header class="panel-head">
        <h2 class="call-name">{reply.call}</h2>
        <p class="quiet">
          {abi}
          {number !== undefined && ` ${number} · 0x${number.toString(16)}`}
          {signature !== undefined && (
            <>
              {' · '}
              <code>{signature}</code>
            </>
          )}
        </p>
        <p class="panel-verdict">
          <VerdictTag kind={kind} word={word} />
          {then !== undefined && <span>{then}</span>}
        </p>
        {cases.length > 0 && (
          <table class="cases">
            <tbody>
              {cases.map((one) => (
                <tr key={one.when}>
                  <th scope="row">
                    <VerdictTag kind={one.kind} word={one.word} />
                  </th>
                  <td>
                    <code>{one.when}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {purpose !== undefined && <p>{sentence(purpose)}</p>}
        {risk !== undefined && <p class="risk">Why profiles restrict it: {risk}.</p>}
      </header>
      <Reasons reasons={reply.reasons} />
      <Rules rules={reply.rules} />
      <Strips call={name ?? reply.call} />
      <Remedies remedies={reply.remedies} />
      <p>
        <button
          type="button"
          class="link-button"
          onClick={() => {
            view.value = 'filter';
          }}
        >
          Trace it through the filter
        </button>
      </p>
    </>
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

import type { SymptomView } from '../core/diagnose.js';
import type { FixReply } from '../core/fix.js';
import { Glyph } from '../parts/glyph.js';
import { VerdictTag } from '../parts/verdictTag.js';
import { call, pasted, view, words } from '../state/place.js';
import { RemedyCard } from './remedyCard.js';

export function FixReport({ reply }: { readonly reply: FixReply }) {
  const { source, symptoms, remarks, calls, remedies } = reply;
  return (
    <>
      <section class="diagnosis" aria-label="Diagnosis">
        <h2>{titleOf(source)}</h2>
        {remarks.map((text) => (
          <p key={text} class="remark">
            {text}
          </p>
        ))}
        {symptoms.length > 0 && <Symptoms symptoms={symptoms} />}
        {calls.length > 0 && (
          <ul class="fixed-calls">
            {calls.map((one) => (
              <li key={one.call}>
                <button
                  type="button"
                  class="link-button call-link"
                  onClick={() => {
                    words.value = reply.words;
                    call.value = one.call;
                    view.value = 'map';
                  }}
                >
                  {one.call}
                </button>
                <VerdictTag kind={one.kind} word={one.word} />
                {one.harmless && <span class="quiet">its callers cope with it</span>}
              </li>
            ))}
          </ul>
        )}
        {source === 'command line' && (
          <p>
            <button
              type="button"
              class="link-button"
              onClick={() => {
                words.value = reply.words;
                view.value = 'map';
              }}
            >
              Show this container’s map
            </button>
          </p>
        )}
      </section>
      {calls.length > 0 && remedies.length === 0 && (
        <p class="empty">
          <Glyph kind="allowed" /> Nothing of this is denied here, so seccomp is not the cause.
        </p>
      )}
      {remedies.length > 0 && (
        <section aria-label="Remedies">
          <h2>Remedies, the one that opens least first</h2>
          <ol class="remedy-cards">
            {remedies.map((remedy, index) => (
              <RemedyCard key={remedy.title} remedy={remedy} open={index === 0} />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function titleOf(source: FixReply['source']): string {
  switch (source) {
    case 'call':
      return 'This call';
    case 'report':
      return 'A report of callgate run';
    case 'command line':
      return 'This container';
    case 'text':
      return 'What it comes down to, the likeliest first';
  }
}

function Symptoms({ symptoms }: { readonly symptoms: readonly SymptomView[] }) {
  return (
    <ol class="symptoms">
      {symptoms.map(({ call: name, confidence, cause, source, fix, objection }) => (
        <li key={`${name} ${cause}`}>
          <p>
            {name === undefined ? (
              <strong>no call was denied</strong>
            ) : (
              <button
                type="button"
                class="link-button call-link"
                onClick={() => {
                  pasted.value = name;
                }}
              >
                {name}
              </button>
            )}{' '}
            <meter min={0} max={1} value={confidence} aria-label="Confidence" />{' '}
            {Math.round(100 * confidence)} %
            {objection !== undefined && <span class="objection"> {objection}</span>}
          </p>
          <p>
            {cause} <small class="quiet">({source})</small>
          </p>
          {fix !== undefined && <p>Way out: {fix}</p>}
        </li>
      ))}
    </ol>
  );
}

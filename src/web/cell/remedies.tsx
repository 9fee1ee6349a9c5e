import type { RemedyView } from '../core/remedy.js';
import { CopyButton } from '../parts/copyButton.js';
import { VerdictTag } from '../parts/verdictTag.js';
import { call, pasted, view } from '../state/place.js';

/** Ways out, the one that opens least first, each with what it opens. */
export function Remedies({ remedies }: { readonly remedies: readonly RemedyView[] }) {
  if (remedies.length === 0) return null;
  return (
    <section class="part">
      <h3>Remedies, the one that opens least first</h3>
      <ol class="remedies">
        {remedies.map((remedy) => (
          <li key={remedy.title}>
            <p class="remedy-title">{remedy.title}</p>
            <p>
              <VerdictTag kind={remedy.verdict} word={remedy.word} /> <Opens opens={remedy.opens} />
            </p>
            {remedy.patch !== undefined && (
              <div class="patch">
                <code>{remedy.patch}</code>
                <CopyButton label="Copy" text={() => remedy.patch ?? ''} quiet />
              </div>
            )}
            {remedy.note !== undefined && <p class="quiet">{remedy.note}</p>}
          </li>
        ))}
      </ol>
      <button
        type="button"
        class="button"
        onClick={() => {
          pasted.value = call.value;
          view.value = 'fix';
        }}
      >
        Patches, with proof
      </button>
    </section>
  );
}

const MOST_NAMES = 60;

export function Opens({ opens: { count, calls } }: Pick<RemedyView, 'opens'>) {
  if (count === 0) return <span class="quiet">opens no other call</span>;
  return (
    <details class="opens">
      <summary>
        opens {count} call{count === 1 ? '' : 's'}
      </summary>
      <p>
        {calls.slice(0, MOST_NAMES).join(' ')}
        {calls.length > MOST_NAMES && ` … and ${calls.length - MOST_NAMES} more`}
      </p>
    </details>
  );
}

import { useSignal } from '@preact/signals';
import { Opens } from '../cell/remedies.js';
import type { ProvedView } from '../core/fix.js';
import { CopyButton } from '../parts/copyButton.js';
import { saveText } from '../parts/saveText.js';
import { VerdictTag } from '../parts/verdictTag.js';

const FORMS = [
  ['docker-run', 'docker run'],
  ['compose', 'Compose'],
  ['daemon', 'daemon.json'],
  ['pod', 'Kubernetes'],
] as const;

interface Props {
  readonly remedy: ProvedView;
  readonly open: boolean;
}

/** A way out, what it opens to the last bit, and its words for each tool. */
export function RemedyCard({ remedy, open }: Props) {
  const { title, verdict, word, opens, widens, narrows, note, patch, profile, forms } = remedy;
  const isProved = remedy.kind !== 'unconfined' && remedy.kind !== 'image';
  return (
    <li class="card">
      <details open={open}>
        <summary>
          <span class="remedy-title">{title}</span> <VerdictTag kind={verdict} word={word} />{' '}
          <span class="quiet">
            {opens.count === 0
              ? 'opens no other call'
              : `opens ${opens.count} call${opens.count === 1 ? '' : 's'}`}
          </span>
        </summary>
        {patch !== undefined && (
          <div class="patch">
            <code>{patch}</code>
            <CopyButton label="Copy" text={() => patch} quiet />
          </div>
        )}
        {isProved && <Proof widens={widens} narrows={narrows} />}
        {!isProved && opens.count > 0 && <Opens opens={opens} />}
        {note !== undefined && <p class="quiet">{note}</p>}
        <Forms forms={forms} />
        {profile !== undefined && (
          <div class="profile-patch">
            <span>The whole profile, {profile.split('\n').length - 1} lines:</span>
            <CopyButton label="Copy fixed.json" text={() => profile} />
            <button type="button" class="button" onClick={() => saveText('fixed.json', profile)}>
              Save fixed.json
            </button>
          </div>
        )}
      </details>
    </li>
  );
}

function Proof({ widens, narrows }: Pick<ProvedView, 'widens' | 'narrows'>) {
  return (
    <div class="proof">
      <p>
        {widens.length === 0
          ? 'Widens nothing; proved.'
          : 'Widens exactly, proved over all numbers and arguments:'}
      </p>
      <ul>
        {widens.map((text) => (
          <li key={text}>
            <code>{text}</code>
          </li>
        ))}
      </ul>
      {narrows.length > 0 && <p>No longer runs: {narrows.join(' ')}</p>}
    </div>
  );
}

/** The same change for each tool that can say it. */
function Forms({ forms }: Pick<ProvedView, 'forms'>) {
  const known = FORMS.filter(([form]) => forms[form] !== undefined);
  const chosen = useSignal(known[0]?.[0]);
  const text = chosen.value === undefined ? undefined : forms[chosen.value];
  if (text === undefined) return null;
  return (
    <div class="forms">
      <fieldset class="form-tabs">
        <legend class="unseen">Written for</legend>
        {FORMS.map(([form, title]) => (
          <button
            key={form}
            type="button"
            class="form-tab"
            aria-pressed={chosen.value === form}
            disabled={forms[form] === undefined}
            title={forms[form] === undefined ? `${title} has no words for this` : title}
            onClick={() => {
              chosen.value = form;
            }}
          >
            {title}
          </button>
        ))}
        <CopyButton label="Copy" text={() => text} quiet />
      </fieldset>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

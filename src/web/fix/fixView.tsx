import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { FailureNote } from '../parts/failureNote.js';
import { useAsked } from '../state/asked.js';
import { askAtLength } from '../state/client.js';
import { pasted, words } from '../state/place.js';
import { FixReport } from './fixReport.js';

const EXAMPLES: readonly { readonly title: string; readonly text: string }[] = [
  { title: 'An error message', text: 'RuntimeError: can’t start new thread' },
  { title: 'A docker run line', text: 'docker run --rm -it --cap-drop ALL debian numactl --show' },
  {
    title: 'An audit line',
    text: 'type=SECCOMP msg=audit(1700000000.123:42): auid=1000 uid=0 gid=0 ses=3 pid=4242 comm="bwrap" exe="/usr/bin/bwrap" sig=0 arch=c000003e syscall=165 compat=0 ip=0x7f0000000000 code=0x50000',
  },
  { title: 'A call', text: 'personality(0x40000)' },
];

/** Something that went wrong is pasted; what it comes down to, and the smallest way out, is told. */
export function FixView() {
  const text = useSignal(pasted.value);
  useEffect(
    () =>
      pasted.subscribe((given) => {
        text.value = given;
      }),
    [text],
  );
  const asked = useAsked(() =>
    pasted.value.trim() === '' ? undefined : askAtLength('fix', words.value, pasted.value),
  );
  const { reply, failure, waiting } = asked.value;
  const submit = (event: Event): void => {
    event.preventDefault();
    pasted.value = text.value;
  };
  return (
    <>
      <form class="fix-form" onSubmit={submit}>
        <h2>
          <label for="fix-text">What went wrong?</label>
        </h2>
        <textarea
          id="fix-text"
          rows={5}
          spellcheck={false}
          placeholder="Paste an error message, a docker run line, a report of callgate run, a line of strace or of an audit log, or name a call"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
          }}
          onPaste={() => {
            // The pasted text is in the field a moment later.
            setTimeout(() => {
              pasted.value = text.value;
            });
          }}
        />
        <div class="fix-actions">
          <button type="submit" class="button primary">
            Diagnose
          </button>
          <span class="quiet">or try:</span>
          {EXAMPLES.map((example) => (
            <button
              key={example.title}
              type="button"
              class="link-button"
              onClick={() => {
                pasted.value = example.text;
              }}
            >
              {example.title}
            </button>
          ))}
        </div>
      </form>
      {failure !== undefined && <FailureNote failure={failure} />}
      {reply === undefined && waiting && <p class="quiet">Working out what each change opens …</p>}
      {reply !== undefined && (
        <div aria-busy={waiting}>
          <FixReport reply={reply} />
        </div>
      )}
    </>
  );
}

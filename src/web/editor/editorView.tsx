import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { FindingView } from '../../editor/finding.js';
import type { ContextWords } from '../core/words.js';
import { Grid } from '../map/grid.js';
import { Legend } from '../map/legend.js';
import { ContextSentence } from '../parts/contextSentence.js';
import { FailureNote } from '../parts/failureNote.js';
import { saveText } from '../parts/saveText.js';
import { askAtLength } from '../state/client.js';
import { cells, context, failure } from '../state/map.js';
import { view, words } from '../state/place.js';
import { type Editor, openEditor } from './codeEditor.js';
import { Findings } from './findings.js';

/** A profile under work: what is wrong with it is told at once, and the map shows what it does. */
export function EditorView() {
  const box = useRef<HTMLDivElement>(null);
  const editor = useSignal<Editor | undefined>(undefined);
  const findings = useSignal<readonly FindingView[]>([]);
  useEffect(() => {
    if (box.current === null) return;
    const opened = openEditor(box.current, {
      onText: (text) => takeText(text),
      onFindings: (found) => {
        findings.value = found;
      },
    });
    editor.value = opened;
    return () => opened.close();
  }, [editor, findings]);
  useSignalEffect(() => {
    editor.value?.show(words.value.profile?.text ?? '');
  });
  // Another version of the engine, or another capability, may say something else of the same text.
  const container = useComputed(() => JSON.stringify({ ...words.value, profile: undefined }));
  useSignalEffect(() => {
    void container.value;
    editor.value?.lintAgain();
  });
  const { profile } = words.value;
  return (
    <>
      <div class="editor-bar">
        <h2>{profile?.name ?? 'No profile yet'}</h2>
        {profile === undefined ? (
          <button type="button" class="button primary" onClick={() => void startFromOwn()}>
            Start from the engine’s own profile
          </button>
        ) : (
          <>
            <button
              type="button"
              class="button"
              onClick={() => void fixAll()}
              disabled={!findings.value.some(({ fix }) => fix !== undefined)}
            >
              Fix what can be fixed
            </button>
            <button type="button" class="button" onClick={() => saveText(profile.name, profile.text)}>
              Save
            </button>
          </>
        )}
      </div>
      {context.value !== undefined && <ContextSentence context={context.value} />}
      <div class="editor-frame">
        <div class={`editor-side ${profile === undefined ? 'editor-none' : ''}`}>
          <div ref={box} class="editor-box" />
          {profile !== undefined && (
            <Findings findings={findings.value} go={(finding) => editor.value?.go(finding)} />
          )}
        </div>
        <div class="editor-map">
          {failure.value !== undefined && <FailureNote failure={failure.value} />}
          <Legend />
          {cells.value.length > 0 && <Grid />}
        </div>
      </div>
    </>
  );
}

/** What was typed just before another place was opened belongs to the place before. */
function takeText(text: string): void {
  const { profile } = words.peek();
  if (view.peek() !== 'profile' || (profile?.text ?? '') === text) return;
  words.value = { ...words.peek(), profile: { name: profile?.name ?? 'profile.json', text } };
}

async function startFromOwn(): Promise<void> {
  await takeAnswer(async (asked) => askAtLength('startingText', asked));
}

async function fixAll(): Promise<void> {
  await takeAnswer(async (asked) => (await askAtLength('mend', asked)).text);
}

/** Whoever has typed on, or moved a control, while the answer was on its way keeps that. */
async function takeAnswer(ask: (asked: ContextWords) => Promise<string>): Promise<void> {
  const asked = words.peek();
  const text = await ask(asked);
  if (words.peek() === asked) takeText(text);
}

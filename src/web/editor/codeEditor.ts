import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language';
import { linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, StateEffect } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import type { FindingView } from '../../editor/finding.js';
import { appearance } from './appearance.js';
import { completeWord } from './completion.js';
import { diagnosticsFor } from './diagnostics.js';

export interface Editor {
  /** Puts another text in, unless it is there already; what was typed and not yet told is given up. */
  readonly show: (text: string) => void;
  readonly lintAgain: () => void;
  readonly go: (finding: Pick<FindingView, 'line' | 'column'>) => void;
  readonly close: () => void;
}

interface Listeners {
  /** When the reader has paused. */
  readonly onText: (text: string) => void;
  readonly onFindings: (findings: readonly FindingView[]) => void;
}

/** The same text is for another container now. */
const otherContext = StateEffect.define<null>();

/** Milliseconds without a key after which the text is looked at. */
const PAUSE = 60;

/**
 * An editor in a shadow tree: there its styles are sheets of their own, which a policy without inline styles permits.
 */
export function openEditor(box: HTMLElement, { onText, onFindings }: Listeners): Editor {
  const root = box.attachShadow({ mode: 'open' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      extensions: [
        lineNumbers(),
        foldGutter(),
        history(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: [completeWord] }),
        highlightActiveLine(),
        highlightSelectionMatches(),
        json(),
        linter((open) => diagnosticsFor(open, onFindings), {
          delay: PAUSE,
          needsRefresh: ({ transactions }) =>
            transactions.some(({ effects }) => effects.some((one) => one.is(otherContext))),
        }),
        lintGutter(),
        keymap.of([
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...foldKeymap,
          ...completionKeymap,
          ...lintKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({ 'aria-label': 'Profile', tabindex: '0' }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (!docChanged) return;
          clearTimeout(timer);
          timer = setTimeout(() => onText(state.doc.toString()), PAUSE);
        }),
        appearance,
      ],
    }),
  });
  return {
    show: (text) => {
      if (view.state.doc.toString() === text) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      clearTimeout(timer);
    },
    lintAgain: () => view.dispatch({ effects: otherContext.of(null) }),
    go: ({ line, column }) => {
      const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
      const anchor = Math.min(at.to, at.from + column - 1);
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      view.focus();
    },
    close: () => {
      clearTimeout(timer);
      view.destroy();
    },
  };
}

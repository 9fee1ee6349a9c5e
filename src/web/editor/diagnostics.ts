import type { Action, Diagnostic } from '@codemirror/lint';
import type { Text } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { type FindingView, lengthAt } from '../../editor/finding.js';
import { ask } from '../state/client.js';
import { words } from '../state/place.js';

/** Asks the linter about the editor's text; its fixes become actions. */
export async function diagnosticsFor(
  view: EditorView,
  onFindings: (findings: readonly FindingView[]) => void,
): Promise<readonly Diagnostic[]> {
  const { doc } = view.state;
  const text = doc.toString();
  if (text.trim() === '') return [];
  const name = words.peek().profile?.name ?? 'profile.json';
  const findings = await ask('lint', { ...words.peek(), profile: { name, text } });
  // A newer text has been asked about meanwhile.
  if (view.state.doc !== doc) return [];
  onFindings(findings);
  performance.mark('callgate-linted');
  return findings.map((finding) => diagnostic(finding, doc));
}

function diagnostic(finding: FindingView, doc: Text): Diagnostic {
  const { level, text, hint, rule, fix } = finding;
  return {
    ...rangeOf(finding, doc),
    severity: level === 'note' ? 'info' : level,
    source: rule,
    message: hint === undefined ? text : `${text}\n${hint}`,
    ...(fix === undefined
      ? {}
      : { actions: [{ name: fix.title, apply: applying(fix.edits) } satisfies Action] }),
  };
}

function applying(edits: readonly { readonly from: number; readonly to: number; readonly text: string }[]) {
  return (view: EditorView): void => {
    const changes = edits.map(({ from, to, text }) => ({ from, to, insert: text }));
    view.dispatch({ changes });
  };
}

/** The word or the bracket that stands there. */
function rangeOf(
  { line: number, column }: FindingView,
  doc: Text,
): { readonly from: number; readonly to: number } {
  const line = doc.line(Math.max(1, Math.min(number, doc.lines)));
  const from = Math.min(line.to, line.from + Math.max(0, column - 1));
  return { from, to: Math.min(line.to, from + Math.max(1, lengthAt(line.text, column))) };
}
